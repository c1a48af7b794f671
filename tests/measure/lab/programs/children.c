/* Touches 10 MiB; a child touches 20 MiB more and sleeps. Exits while the child lives. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    int ready[2];
    char byte = 0;
    size_t own = (size_t)10 << 20, more = (size_t)20 << 20;
    pipe(ready);
    memset(malloc(own), 1, own);
    if (fork() == 0) {
        memset(malloc(more), 1, more);
        write(ready[1], &byte, 1);
        sleep(600);
        _exit(0);
    }
    return read(ready[0], &byte, 1) == 1 ? 0 : 1;
}
