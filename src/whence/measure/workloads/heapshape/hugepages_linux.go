package main

import "syscall"

// disableHugePages asks the kernel to back this process with small pages only, whatever the host's setting: with
// huge pages always on, one written byte makes 2 MiB resident and no shape can be told from another.
// An error means a kernel before 3.15, which is answered by the host's own setting.
func disableHugePages() {
	const prSetTHPDisable = 41
	syscall.RawSyscall6(syscall.SYS_PRCTL, prSetTHPDisable, 1, 0, 0, 0, 0)
}
