/* Dies of SIGSEGV after saying so. */
#include <stdio.h>

int main(void) {
    fputs("about to fail\n", stderr);
    *(volatile int *)0 = 1;
    return 0;
}
