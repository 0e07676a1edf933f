/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `takt doctor` asks of a machine: rights, limits, settings and features that decide whether takt's processes keep their time
 * and share their memory. Facts only; what they mean to a config is judged above. Linked into the takt command only, never into libtakt.
 *
 * What the system does not say is left at what each member calls "unknown". Nothing stays changed: what is tried is given back at
 * once, and files are made in a folder of their own below the shared-memory folder, which is removed.
 */
#ifndef TAKT_PLATFORM_MACHINE_H
#define TAKT_PLATFORM_MACHINE_H

#include <stdint.h>

#include "platform/folder.h"

#define TAKT_OS_UNLIMITED	 UINT64_MAX
#define TAKT_OS_MACHINE_TEXT	 96
#define TAKT_OS_MACHINE_FEATURES 16

/* A limit as the system has it: what is in force, and up to where this process may raise it. */
struct takt_os_limit {
	uint64_t now;
	uint64_t hard;
};

struct takt_os_rights_held {
	uint32_t user_id;
	char user[TAKT_OS_MACHINE_TEXT]; /* its name, or its number as text */
	uint32_t priority_max;		 /* highest SCHED_FIFO priority that was granted when tried; 0: none */
	uint32_t may_schedule;		 /* 1: holds CAP_SYS_NICE */
	uint32_t may_lock;		 /* 1: holds CAP_IPC_LOCK */
	struct takt_os_limit priority;	 /* RLIMIT_RTPRIO */
	struct takt_os_limit locked_bytes;
	struct takt_os_limit files;	 /* open descriptors */
	struct takt_os_limit file_bytes; /* size of a file, and so of a segment */
	uint64_t process_bytes;	    /* address space of this process: what a takt process locks besides its domain */
	uint64_t pipe_atomic_bytes; /* what one write puts into a pipe undivided */
};

/* The real-time budget of control groups. */
struct takt_os_budget {
	int64_t system_us; /* of each `period_us`, for all real-time threads; -1: no limit; INT64_MIN unknown */
	int64_t period_us;
	int64_t group_us;    /* of this process's own group; INT64_MIN: groups have no budgets of their own here */
	uint32_t is_unified; /* 1: version 2, in which no file raises it */
	char files
		[2 *
		 TAKT_OS_PATH_MAX]; /* the budget files that are 0, from the outermost group on, separated by blanks */
};

struct takt_os_processors {
	uint64_t present;  /* bit i: CPU i (0 to 63) */
	uint64_t online;   /* those that are switched on */
	uint64_t usable;   /* on which a thread of this process may be put: tried one by one */
	uint64_t isolated; /* kept out of ordinary scheduling */
	uint32_t is_virtual;
	char governor
		[TAKT_OS_MACHINE_TEXT]; /* of frequency scaling: of the first CPU that is not at "performance"; "": none */
	uint32_t idle_us;    /* longest time to wake up from an idle state that is enabled; 0: unknown or none */
	uint32_t idle_state; /* its number, in /sys/devices/system/cpu/cpu0/cpuidle/stateN */
	uint32_t idle_state_count;
	char idle_name[TAKT_OS_MACHINE_TEXT];
	uint32_t idle_bound_us; /* what /dev/cpu_dma_latency allows; UINT32_MAX: unknown or no bound */
};

struct takt_os_kernel {
	char release[TAKT_OS_MACHINE_TEXT];    /* "6.1.0-28-rt-amd64" */
	char machine[TAKT_OS_MACHINE_TEXT];    /* "x86_64" */
	char preemption[TAKT_OS_MACHINE_TEXT]; /* "PREEMPT_RT", "PREEMPT_DYNAMIC", ... "" unknown or none */
	char clock_source[TAKT_OS_MACHINE_TEXT];
	char clock_sources[TAKT_OS_MACHINE_TEXT]; /* what could be chosen */
	double clock_ns;			  /* one reading of CLOCK_MONOTONIC, measured */
	double call_ns;				  /* the cheapest system call, measured in the same run */
};

struct takt_os_memory {
	uint64_t swap_bytes;		       /* active */
	uint64_t available_bytes;	       /* of the machine's memory; 0 unknown */
	int32_t compacts_locked;	       /* vm.compact_unevictable_allowed; -1 unknown */
	int32_t compacts_by_itself;	       /* vm.compaction_proactiveness; -1 unknown */
	int32_t balances_nodes;		       /* kernel.numa_balancing; -1 unknown */
	uint32_t node_count;		       /* of memory; 1: all is near */
	char huge_pages[TAKT_OS_MACHINE_TEXT]; /* "always", "madvise", "never"; "" unknown */
};

/* The shared-memory folder, takt_os_folder_root(). */
struct takt_os_sharing {
	char folder[TAKT_OS_PATH_MAX];
	uint32_t is_there;
	uint32_t may_make;			/* 1: this user may make names in it */
	uint32_t is_memory;			/* 1: a memory file system */
	char file_system[TAKT_OS_MACHINE_TEXT]; /* "tmpfs" */
	char mount[TAKT_OS_PATH_MAX];		/* where it is mounted */
	char options[2 * TAKT_OS_MACHINE_TEXT]; /* "rw,nosuid,nodev,size=..." */
	uint64_t free_bytes;
	uint64_t total_bytes;		     /* 0: no limit */
	uint64_t free_names;		     /* inodes; UINT64_MAX: no limit */
	int32_t removes_ipc;		     /* logind's RemoveIPC; -1: no logind runs here */
	char removes_file[TAKT_OS_PATH_MAX]; /* the file that says so; "": nobody, it is logind's default */
	uint32_t system_user_max;	     /* users up to this number are the system's: logind leaves them alone */
};

enum takt_os_feature_state { TAKT_OS_FEATURE_MISSING = 0, TAKT_OS_FEATURE_THERE = 1, TAKT_OS_FEATURE_UNKNOWN = 2 };

/* Something of the kernel or the file system that the port uses, tried. */
struct takt_os_feature {
	const char *name;    /* "OFD locks" */
	const char *since;   /* "Linux 3.15" */
	const char *without; /* what takt does then */
	uint32_t is_needed;  /* 1: takt does not run without it */
	enum takt_os_feature_state state;
};

struct takt_os_machine {
	struct takt_os_rights_held rights;
	struct takt_os_budget budget;
	struct takt_os_processors processors;
	struct takt_os_kernel kernel;
	struct takt_os_memory memory;
	struct takt_os_sharing sharing;
	struct takt_os_feature features[TAKT_OS_MACHINE_FEATURES];
	uint32_t feature_count;
};

/**
 * Looks at everything.
 * @param root put before every path of /proc, /sys, /etc, /run and /usr that is read: "" for this machine, a folder for a made one
 * RT: unsafe; files, and for an instant every real-time priority. Threads: only while the caller has one.
 */
void takt_os_machine_look(struct takt_os_machine *machine, const char *root);

/* The parts of it, for the port's own files. */
void takt_os_machine_look_rights(struct takt_os_rights_held *rights);
void takt_os_machine_look_budget(struct takt_os_budget *budget, const char *root);
void takt_os_machine_look_processors(struct takt_os_processors *processors, const char *root);
void takt_os_machine_look_kernel(struct takt_os_kernel *kernel, const char *root);
void takt_os_machine_look_memory(struct takt_os_memory *memory, const char *root);
void takt_os_machine_look_sharing(struct takt_os_sharing *sharing, const char *root);
/* @retval how many were tried */
uint32_t takt_os_machine_try_features(struct takt_os_feature features[TAKT_OS_MACHINE_FEATURES]);

#endif
