# The helper goes on waiting while its call is not answered, and so calls again for each sample that lies unread.
# file: core/descriptor.c
# test: core/descriptor
# says: unread_samples_cost|news_make_it|what_
/^static void run_helper/,/^}/ s/while (await_arming(news))/while (!is_ending(news))/
