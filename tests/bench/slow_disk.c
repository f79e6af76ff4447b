/* What would it be like on a disk that takes two milliseconds to put something where it stays?
 *
 * Preloaded into a process, this makes every call that waits for the disk take DELAY_MICROSECONDS longer, and then does
 * what was asked. Files that are opened to be written through (O_SYNC, O_DSYNC) are not slowed; none of SQLite,
 * PostgreSQL and RabbitMQ opens its files so, as the bench proves of each before it measures.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void wait_for_the_disk(void) {
    struct timespec left = {DELAY_MICROSECONDS / 1000000, DELAY_MICROSECONDS % 1000000 * 1000L};
    int kept = errno;
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
    errno = kept;
}

int fsync(int file) {
    wait_for_the_disk();
    return REAL(fsync)(file);
}

int fdatasync(int file) {
    wait_for_the_disk();
    return REAL(fdatasync)(file);
}

int syncfs(int file) {
    wait_for_the_disk();
    return REAL(syncfs)(file);
}

/* Without one of the two flags it only sets writing going, and waits for nothing. */
int sync_file_range(int file, off64_t offset, off64_t count, unsigned int flags) {
    if (flags & (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER)) {
        wait_for_the_disk();
    }
    return REAL(sync_file_range)(file, offset, count, flags);
}

int msync(void *start, size_t length, int flags) {
    if (flags & MS_SYNC) {
        wait_for_the_disk();
    }
    return REAL(msync)(start, length, flags);
}
