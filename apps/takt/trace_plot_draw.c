/* SPDX-License-Identifier: Apache-2.0 */
/* Latencies and jitter. Data are whole nanoseconds, so that whatever is read off them is what the report says. */
#include "apps/takt/trace_plot_draw.h"

#include <stdlib.h>
#include <string.h>

#include "apps/takt/trace_story.h"

#define NAME_BYTES   104u /* of a panel; longer ones are cut */
#define CHAIN_BYTES  1200u
#define P50	     500000u
#define P99	     990000u
#define WIDTH	     900u
#define PANEL_HEIGHT 120u
#define PANEL_GAP    62u
#define HEAD_HEIGHT  90u
#define FOOT_HEIGHT  58u

/* One panel, or one curve. */
struct item {
	const struct takt_histogram *histogram;
	const struct trace_series *series;
	uint64_t p99_ns;
	uint32_t order;
	char name[NAME_BYTES];
};

struct items {
	struct item *all;
	uint32_t count;
	uint32_t room;
	uint32_t left_out;
};

/* ------------------------------------------------------------------------------------------------------- what is shown */

static void add_item(struct items *items, const char *name, const struct takt_histogram *histogram,
		     const struct trace_series *series)
{
	if (histogram->count == 0 || items->count == items->room)
		return;
	struct item *item = &items->all[items->count];
	*item = (struct item){.histogram = histogram,
			      .series = series,
			      .p99_ns = takt_histogram_quantile(histogram, P99),
			      .order = items->count++};
	(void)snprintf(item->name, sizeof(item->name), "%.*s%s", (int)NAME_BYTES - 4, name,
		       strlen(name) > NAME_BYTES - 4 ? "..." : "");
}

static int by_p99(const void *a, const void *b)
{
	const struct item *left = a;
	const struct item *right = b;
	if (left->p99_ns != right->p99_ns)
		return left->p99_ns < right->p99_ns ? 1 : -1;
	return (left->order > right->order) - (left->order < right->order);
}

static int by_order(const void *a, const void *b)
{
	const struct item *left = a;
	const struct item *right = b;
	return (left->order > right->order) - (left->order < right->order);
}

/* More than fit: those with the longest p99 stay, in the order in which they were. */
static void choose(struct items *items)
{
	if (items->count <= TRACE_PLOT_PANELS_MAX)
		return;
	items->left_out = items->count - TRACE_PLOT_PANELS_MAX;
	qsort(items->all, items->count, sizeof(*items->all), by_p99);
	items->count = TRACE_PLOT_PANELS_MAX;
	qsort(items->all, items->count, sizeof(*items->all), by_order);
}

/* @retval 0 there is nothing */
static int gather_latencies(const struct trace_plot *plot, struct items *items)
{
	const struct trace_analysis *analysis = plot->analysis;
	char text[CHAIN_BYTES];
	char name[CHAIN_BYTES];
	char topic[32];
	char node[32];
	*items = (struct items){.room = analysis->chain_count + analysis->hop_count};
	items->all = calloc(items->room + 1, sizeof(*items->all));
	if (items->all == NULL)
		return 0;
	for (uint32_t i = 0; i < analysis->chain_count; i++) {
		trace_chain_text(analysis, analysis->chains[i], text, sizeof(text));
		if (trace_choice_has_chain(&plot->choice, analysis, analysis->chains[i], text))
			add_item(items, text, &analysis->chains[i]->total_ns, NULL);
	}
	for (uint32_t i = 0; i < analysis->hop_count; i++) {
		const struct trace_hop *hop = analysis->hops[i];
		(void)snprintf(name, sizeof(name), "%s > %s",
			       trace_topic_name(analysis, hop->domain, hop->topic, topic),
			       trace_node_name(analysis, hop->domain, hop->reader, node));
		if (trace_choice_has_hop(&plot->choice, analysis, hop))
			add_item(items, name, &hop->age_ns, NULL);
	}
	choose(items);
	return items->count != 0;
}

static int gather_loops(const struct trace_plot *plot, struct items *items)
{
	const struct trace_analysis *analysis = plot->analysis;
	char loop_name[64];
	char name[NAME_BYTES];
	*items = (struct items){.room = analysis->loop_count};
	items->all = calloc(items->room + 1, sizeof(*items->all));
	if (items->all == NULL)
		return 0;
	for (uint32_t i = 0; i < analysis->loop_count; i++) {
		const struct trace_loop *loop = analysis->loops[i];
		int is_periodic = loop->jitter && loop->jitter->count != 0;
		trace_loop_name(analysis, loop, loop_name);
		(void)snprintf(name, sizeof(name), "%s, %s", loop_name, is_periodic ? "period jitter" : "begin late");
		if (trace_choice_has_loop(&plot->choice, analysis, loop))
			add_item(items, name, is_periodic ? &loop->jitter_ns : &loop->late_ns,
				 is_periodic ? loop->jitter : loop->late);
	}
	choose(items);
	return items->count != 0;
}

static void find_range(const struct items *items, uint64_t *from_ns, uint64_t *to_ns)
{
	*from_ns = UINT64_MAX;
	*to_ns = 1;
	for (uint32_t i = 0; i < items->count; i++) {
		const struct takt_histogram *histogram = items->all[i].histogram;
		*from_ns = histogram->min < *from_ns ? histogram->min : *from_ns;
		*to_ns = histogram->max > *to_ns ? histogram->max : *to_ns;
	}
	*from_ns = *from_ns ? *from_ns : 1;
}

/* ------------------------------------------------------------------------------------------------------- common */

int trace_plot_begin(struct trace_plot *plot, struct picture *picture, const char *name, const char *title)
{
	if (picture_begin(picture, "trace plot", plot->output, name, title, plot->about))
		return 1;
	plot->is_failed = 1;
	return 0;
}

void trace_plot_end(struct trace_plot *plot, struct picture *picture)
{
	plot->count++;
	int length = (int)(strlen(picture->path) - strlen(".gnuplot"));
	if (!picture_end(picture) || (plot->can_draw && !picture_draw(picture)))
		plot->is_failed = 1;
	else if (plot->can_draw)
		(void)printf("%.*s.svg\n%.*s.png\n", length, picture->path, length, picture->path);
}

static void title_of(const struct items *items, const char *what, const char *kind, char title[200])
{
	if (items->left_out)
		(void)snprintf(title, 200, "%s (the %u of %u %s with the longest p99)", what, items->count,
			       items->count + items->left_out, kind);
	else
		(void)snprintf(title, 200, "%s", what);
}

/* "step > relay: 200 samples, p50 12.3 us, p99 45 us, max 5.1 ms" */
static void put_panel_title(FILE *file, const struct item *item, const char *unit)
{
	char text[NAME_BYTES + 120];
	char p50[24];
	char p99[24];
	char max[24];
	(void)snprintf(text, sizeof(text), "%s:  %llu %s, p50 %s, p99 %s, max %s", item->name,
		       (unsigned long long)item->histogram->count, unit,
		       trace_span_text(takt_histogram_quantile(item->histogram, P50), p50),
		       trace_span_text(item->p99_ns, p99), trace_span_text(item->histogram->max, max));
	(void)fputs("unset title\nset label 99 ", file);
	picture_put_text(file, text);
	(void)fputs(" at graph 0, graph 1.14 left noenhanced\n", file);
}

static uint32_t panels_height(uint32_t count)
{
	return HEAD_HEIGHT + count * PANEL_HEIGHT + (count - 1) * PANEL_GAP + FOOT_HEIGHT;
}

/* Below each other, with room for their titles. */
static void begin_panels(struct picture *picture, uint32_t count)
{
	double height = panels_height(count);
	picture_size(picture, WIDTH, panels_height(count));
	(void)fprintf(
		picture->file,
		"set multiplot layout %u,1 title head margins screen 0.085,0.97,%.4f,%.4f spacing screen 0,%.4f\n",
		count, FOOT_HEIGHT / height, 1.0 - HEAD_HEIGHT / height, PANEL_GAP / height);
}

/* ------------------------------------------------------------------------------------------------------- histograms */

static uint64_t bucket_min(uint32_t bucket)
{
	return bucket ? takt_histogram_bucket_max(bucket - 1) + 1 : 0;
}

/* Each bucket that holds something: from, to (at most the largest value), how many. */
static void put_buckets(FILE *file, uint32_t index, const struct takt_histogram *histogram)
{
	(void)fprintf(file, "$data%u << END\n", index);
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT; i++) {
		uint64_t to_ns = takt_histogram_bucket_max(i);
		if (histogram->buckets[i])
			(void)fprintf(file, "%llu %llu %llu\n", (unsigned long long)bucket_min(i),
				      (unsigned long long)(to_ns < histogram->max && i + 1 < TAKT_HISTOGRAM_BUCKET_COUNT
								   ? to_ns
								   : histogram->max),
				      (unsigned long long)histogram->buckets[i]);
	}
	(void)fputs("END\n", file);
}

static uint64_t largest_bucket(const struct items *items)
{
	uint64_t largest = 1;
	for (uint32_t i = 0; i < items->count; i++)
		for (uint32_t k = 0; k < TAKT_HISTOGRAM_BUCKET_COUNT; k++)
			if (items->all[i].histogram->buckets[k] > largest)
				largest = items->all[i].histogram->buckets[k];
	return largest;
}

static void put_mark(FILE *file, const char *name, const char *side, uint64_t at_ns, const char *colour)
{
	(void)fprintf(file,
		      "set arrow from %llu, graph 0 to %llu, graph 1 nohead dt 2 lw 1.5 lc rgb '%s' front\n"
		      "set label '%s' at %llu, graph 0.9 %s tc rgb '%s' font ',10' front\n",
		      (unsigned long long)at_ns, (unsigned long long)at_ns, colour, name, (unsigned long long)at_ns,
		      side, colour);
}

static void put_histogram(FILE *file, const struct item *item, uint32_t index, int is_last)
{
	(void)fputs("unset arrow\nunset label\n", file);
	put_panel_title(file, item, "samples");
	/* Values of 0 have no place on a logarithm: they stand at its left end. */
	put_mark(file, "p50", "right offset -0.5,0", takt_histogram_quantile(item->histogram, P50), "#009e73");
	put_mark(file, "p99", "left offset 0.5,0", item->p99_ns, "#d55e00");
	(void)fprintf(file,
		      "%s\nplot $data%u using ($2<1?1:$2):3:($1<1?0.9:$1):($2+1):(0.5):3 with boxxyerror lt 2 lw 0.5 "
		      "fs solid 0.85 title ",
		      is_last ? "set xlabel 'from publish to read, for a chain from its first publish' offset 0,0.3"
			      : "unset xlabel",
		      index);
	picture_put_text(file, item->name);
	(void)fputc('\n', file);
}

void trace_plot_histograms(struct trace_plot *plot)
{
	struct picture picture = {0};
	struct items items;
	char title[200];
	uint64_t from_ns, to_ns;
	if (gather_latencies(plot, &items)) {
		title_of(&items, "Latency of samples", "chains and hops", title);
		find_range(&items, &from_ns, &to_ns);
		if (trace_plot_begin(plot, &picture, "latency-histogram", title)) {
			picture_put_span_axis(picture.file, "x", from_ns, to_ns);
			(void)fprintf(
				picture.file,
				"set logscale y\nset yrange [0.5:%llu]\nset ytics 10\nset format y '%%g'\n"
				"set ylabel 'samples'\nunset key\nset grid xtics ytics lt 1 lw 0.6 lc rgb '#dddddd'\n",
				(unsigned long long)largest_bucket(&items) * 6);
			for (uint32_t i = 0; i < items.count; i++)
				put_buckets(picture.file, i, items.all[i].histogram);
			begin_panels(&picture, items.count);
			for (uint32_t i = 0; i < items.count; i++)
				put_histogram(picture.file, &items.all[i], i, i + 1 == items.count);
			(void)fputs("unset multiplot", picture.file);
			trace_plot_end(plot, &picture);
		}
	}
	free(items.all);
}

/* ------------------------------------------------------------------------------------------------------- cumulative */

/* What is seen is the share that took longer, so that p99 and p99.9 are as far apart as p90 and p99. */
static void put_shares(FILE *file, uint32_t index, const struct takt_histogram *histogram)
{
	uint64_t seen = 0;
	(void)fprintf(file, "$data%u << END\n%llu 1\n", index,
		      (unsigned long long)(histogram->min ? histogram->min : 1));
	for (uint32_t i = 0; i < TAKT_HISTOGRAM_BUCKET_COUNT && seen < histogram->count; i++) {
		if (histogram->buckets[i] == 0)
			continue;
		seen += histogram->buckets[i];
		if (seen < histogram->count)
			(void)fprintf(file, "%llu %.9g\n", (unsigned long long)takt_histogram_bucket_max(i),
				      (double)(histogram->count - seen) / (double)histogram->count);
	}
	(void)fprintf(file, "%llu %.9g\nEND\n", (unsigned long long)histogram->max, 1.0 / (double)histogram->count);
}

static uint32_t cumulative_height(uint32_t count)
{
	return 470 + 21 * count;
}

void trace_plot_cumulative(struct trace_plot *plot)
{
	struct picture picture = {0};
	struct items items;
	char title[200];
	uint64_t from_ns, to_ns;
	uint64_t most = 1;
	if (gather_latencies(plot, &items)) {
		title_of(&items, "Latency of samples: how many took no longer", "chains and hops", title);
		find_range(&items, &from_ns, &to_ns);
		for (uint32_t i = 0; i < items.count; i++)
			most = items.all[i].histogram->count > most ? items.all[i].histogram->count : most;
		if (trace_plot_begin(plot, &picture, "latency-cumulative", title)) {
			picture_put_span_axis(picture.file, "x", from_ns, to_ns);
			(void)fprintf(
				picture.file,
				"set logscale y\nset yrange [1:%.3g]\nset grid xtics ytics lt 1 lw 0.6 lc rgb '#dddddd'\n"
				"set ytics ('0 %%%%' 1, '50 %%%%' 0.5, '90 %%%%' 0.1, '99 %%%%' 1e-2, '99.9 %%%%' 1e-3, "
				"'99.99 %%%%' 1e-4, '99.999 %%%%' 1e-5, '99.9999 %%%%' 1e-6)\n"
				"set ylabel 'share of samples'\n"
				"set xlabel 'from publish to read, for a chain from its first publish'\n"
				"set key at screen 0.08, screen 0.02 left bottom Left reverse vertical maxcols 1 samplen 2 "
				"noenhanced\nset bmargin at screen %.4f\n",
				most > 2 ? 0.7 / (double)most : 0.3,
				(64.0 + 21.0 * items.count) / (double)cumulative_height(items.count));
			for (uint32_t i = 0; i < items.count; i++)
				put_shares(picture.file, i, items.all[i].histogram);
			picture_size(&picture, WIDTH, cumulative_height(items.count));
			(void)fputs("plot ", picture.file);
			for (uint32_t i = 0; i < items.count; i++) {
				(void)fprintf(picture.file, "%s$data%u with steps lt %u title ", i ? ", " : "", i,
					      i + 2);
				picture_put_text(picture.file, items.all[i].name);
			}
			trace_plot_end(plot, &picture);
		}
	}
	free(items.all);
}

/* ------------------------------------------------------------------------------------------------------- jitter */

/* From and to in seconds of the trace, the smallest and the largest of that time in ns, and when the largest was. */
static void put_series(FILE *file, uint32_t index, const struct trace_series *series, uint64_t first_ns)
{
	(void)fprintf(file, "$data%u << END\n", index);
	for (uint32_t i = 0; i < TRACE_SERIES_BINS; i++) {
		const struct trace_bin *bin = &series->bins[i];
		double from_s = ((double)series->first_ns - (double)first_ns + (double)(i * series->width_ns)) / 1e9;
		if (bin->count)
			(void)fprintf(file, "%.9f %.9f %llu %llu %.9f %llu\n", from_s,
				      from_s + (double)series->width_ns / 1e9, (unsigned long long)bin->min,
				      (unsigned long long)bin->max, (double)(bin->max_at_ns - first_ns) / 1e9,
				      (unsigned long long)bin->count);
	}
	(void)fputs("END\n", file);
}

static void put_jitter(FILE *file, const struct item *item, uint32_t index, int is_last)
{
	put_panel_title(file, item, "cycles");
	(void)fprintf(
		file,
		"%s\nplot $data%u using (($1+$2)/2):4:1:2:(low($3)):(low($4)) with boxxyerror lt 6 lw 0.5 fs solid 0.6 "
		"notitle, '' using 5:(low($4)) with points lt 2 pt 7 ps 0.35 title ",
		is_last ? "set xlabel 'seconds of the trace' offset 0,0.3" : "unset xlabel", index);
	picture_put_text(file, item->name);
	(void)fputc('\n', file);
}

void trace_plot_jitter(struct trace_plot *plot)
{
	struct picture picture = {0};
	struct items items;
	char title[200];
	uint64_t from_ns, to_ns;
	uint64_t first_ns = plot->summary->first_ns;
	if (gather_loops(plot, &items)) {
		title_of(&items, "Jitter of cycles over time: from the smallest to the largest, which has a dot",
			 "loops", title);
		find_range(&items, &from_ns, &to_ns);
		/* Below a tenth of a microsecond it is the clock that is seen. */
		from_ns = from_ns < 100 && to_ns > 1000 ? 100 : from_ns;
		if (trace_plot_begin(plot, &picture, "jitter", title)) {
			picture_put_span_axis(picture.file, "y", from_ns, to_ns);
			(void)fprintf(
				picture.file,
				"low(x) = x < %llu ? %llu : x\nset xrange [0:%.9f]\nunset key\nset grid xtics ytics lt 1 lw 0.6 lc rgb '#dddddd'\n",
				(unsigned long long)from_ns, (unsigned long long)from_ns,
				(double)(plot->summary->last_ns - first_ns + 1) / 1e9);
			for (uint32_t i = 0; i < items.count; i++)
				put_series(picture.file, i, items.all[i].series, first_ns);
			begin_panels(&picture, items.count);
			for (uint32_t i = 0; i < items.count; i++)
				put_jitter(picture.file, &items.all[i], i, i + 1 == items.count);
			(void)fputs("unset multiplot", picture.file);
			trace_plot_end(plot, &picture);
		}
	}
	free(items.all);
}
