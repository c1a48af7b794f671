/* Eight threads come and go before 30 MiB are touched; one more outlives main's return from join and exits the process. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *brief(void *unused) { usleep(2000); return unused; }

static void *last(void *unused) {
    size_t size = (size_t)30 << 20;
    memset(malloc(size), 1, size);
    exit(0);
    return unused;
}

int main(void) {
    pthread_t threads[8], final;
    for (int i = 0; i < 8; i++) pthread_create(&threads[i], 0, brief, 0);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], 0);
    pthread_create(&final, 0, last, 0);
    pause();
}
