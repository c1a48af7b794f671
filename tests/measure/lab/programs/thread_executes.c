/* A second thread replaces the process by the program in the arguments. */
#include <pthread.h>
#include <unistd.h>

static void *executes(void *arguments) {
    char **words = arguments;
    usleep(20000);
    execv(words[1], words + 1);
    _exit(9);
}

int main(int argc, char **argv) {
    pthread_t thread;
    (void)argc;
    pthread_create(&thread, 0, executes, argv);
    pause();
}
