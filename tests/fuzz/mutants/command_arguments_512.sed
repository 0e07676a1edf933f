# Arguments as long as the mailbox, without its zero, are accepted.
# file: core/command.c
# target: command
s/if (strlen(line->arguments) >= sizeof(mailbox->arguments)) {/if (strlen(line->arguments) > sizeof(mailbox->arguments)) {/
