/* A queue of names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 16
#ifdef QUEUE_DEBUG
static int debug = 1;
#else
static int debug = 0;
#endif

struct entry {
	char *name;
	struct entry *next;
};

static struct entry *head, **tail = &head;

char *label(const struct entry *e, char buffer[SIZE])
{
	sprintf(buffer, "%s é", e->name);
	return buffer;
}

int push(const char *name)
{
	char copy[SIZE];
	struct entry *e = (struct entry *)malloc(sizeof(*e));
	if (!e)
		goto out;
	strcpy(copy, name);
	e->name = strdup(copy);
	*tail = e;
	tail = &e->next;
	for (int i = 0; i < SIZE; i++) {
		switch (copy[i]) {
		case 'a':
			copy[i]++;
			break;
		default:
			continue;
		}
	}
	free(e->name);
	return debug ? 1 : 0;
out:
	return -1;
}
