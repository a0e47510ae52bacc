/* Stands before the system's fsync and fdatasync (LD_PRELOAD): tells of each on standard output, and lets
   them fail from the one on whose number is in LANDGAVEL_TEST_FAILING_SYNC. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/syscall.h>

static int number;

static int synced(long call, int file) {
    const char *failing = getenv("LANDGAVEL_TEST_FAILING_SYNC");
    int own = __sync_add_and_fetch(&number, 1);
    if (failing && own >= atoi(failing)) {
        if (write(1, "FAILED SYNC\n", 12) < 0) abort();
        errno = EIO;
        return -1;
    }
    int outcome = (int)syscall(call, file);
    if (outcome == 0 && write(1, "SYNC\n", 5) < 0) abort();
    return outcome;
}

int fsync(int file) { return synced(SYS_fsync, file); }
int fdatasync(int file) { return synced(SYS_fdatasync, file); }
