/* Touches the given number of MiB (default 40) and exits, with the code in the second argument. */
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    size_t size = (size_t)(argc > 1 ? atoi(argv[1]) : 40) << 20;
    char *memory = malloc(size);
    memset(memory, 1, size);
    return memory[size / 2] == 1 && argc > 2 ? atoi(argv[2]) : 0;
}
