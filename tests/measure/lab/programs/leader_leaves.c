/* The first thread ends at once; another one touches 30 MiB and ends the process 50 ms later. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *stays(void *unused) {
    size_t size = (size_t)30 << 20;
    usleep(50000);
    memset(malloc(size), 1, size);
    exit(0);
    return unused;
}

int main(void) {
    pthread_t thread;
    pthread_create(&thread, 0, stays, 0);
    pthread_exit(0);
}
