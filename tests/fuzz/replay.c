/* Gives every file of the folders named to the fuzz target: yesterday's finds are today's tests. */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/str.h"
#include "fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static int replay_file(const char *folder, const char *name)
{
    CLEANUP_FREE char *path = mem_printf("%s/%s", folder, name), *data = NULL;
    size_t len;
    struct err e;
    if (file_read(path, INPUT_MAX, &data, &len, &e)) {
        fprintf(stderr, "%s\n", e.msg);
        return -1;
    }
    CLEANUP_FREE uint8_t *exact = mem_dup(data, len); /* so that a sanitizer sees one byte too many */
    LLVMFuzzerTestOneInput(exact, len);
    return 0;
}

static int replay_folder(const char *folder, int *n)
{
    DIR *d = opendir(folder);
    if (!d) {
        perror(folder);
        return -1;
    }
    int r = 0;
    for (struct dirent *f; (f = readdir(d));)
        if (f->d_name[0] != '.') {
            r |= replay_file(folder, f->d_name);
            ++*n;
        }
    closedir(d);
    return r;
}

int main(int argc, char **argv)
{
    int r = 0, n = 0;
    for (int i = 1; i < argc; i++)
        r |= replay_folder(argv[i], &n);
    printf("%d inputs\n", n);
    return r || !n;
}
