// Functions through which a guest could leave the simulated world unnoticed, and which it has no model of:
// host code is passed on to libc, a guest is stopped with the function's name. The names' whole number is
// below; each is a stub that keeps every argument register, whatever the function's type.
#include <unistd.h>

#include <string>

#include "sim/guest/guest.h"
#include "sim/guest/real.h"

#if !defined(__x86_64__)
#error "guests need x86-64: the stubs below are written for its calling convention"
#endif

namespace mqttvet::sim {

void abort_unmodelled(const char* function) {
  const std::string who = current ? current->name : std::string("a guest");
  current = nullptr;
  const std::string message =
      "mqttvet: guest " + who + " called " + function + ", which the simulated world has no model of\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, message.data(), message.size());
  std::abort();
}

}  // namespace mqttvet::sim

// Called by a stub: where to go on.
extern "C" [[gnu::used]] void* mqttvet_pass_on(std::atomic<void*>* found, const char* name) {
  if (mqttvet::sim::current) mqttvet::sim::abort_unmodelled(name);
  return mqttvet::sim::next_definition(*found, name);
}

// Saves the argument registers (and al, which counts vector arguments of variadic functions), asks, restores,
// jumps.
asm(R"(
.text
.type mqttvet_unmodelled, @function
mqttvet_unmodelled:
  .cfi_startproc
  .cfi_adjust_cfa_offset 16
  push %rbp
  .cfi_adjust_cfa_offset 8
  mov %rsp, %rbp
  .cfi_def_cfa rbp, 32
  and $-16, %rsp
  sub $192, %rsp
  mov %rdi, 0(%rsp)
  mov %rsi, 8(%rsp)
  mov %rdx, 16(%rsp)
  mov %rcx, 24(%rsp)
  mov %r8, 32(%rsp)
  mov %r9, 40(%rsp)
  mov %rax, 48(%rsp)
  movaps %xmm0, 64(%rsp)
  movaps %xmm1, 80(%rsp)
  movaps %xmm2, 96(%rsp)
  movaps %xmm3, 112(%rsp)
  movaps %xmm4, 128(%rsp)
  movaps %xmm5, 144(%rsp)
  movaps %xmm6, 160(%rsp)
  movaps %xmm7, 176(%rsp)
  mov 16(%rbp), %rdi
  mov 8(%rbp), %rsi
  call mqttvet_pass_on
  mov %rax, %r11
  mov 0(%rsp), %rdi
  mov 8(%rsp), %rsi
  mov 16(%rsp), %rdx
  mov 24(%rsp), %rcx
  mov 32(%rsp), %r8
  mov 40(%rsp), %r9
  mov 48(%rsp), %rax
  movaps 64(%rsp), %xmm0
  movaps 80(%rsp), %xmm1
  movaps 96(%rsp), %xmm2
  movaps 112(%rsp), %xmm3
  movaps 128(%rsp), %xmm4
  movaps 144(%rsp), %xmm5
  movaps 160(%rsp), %xmm6
  movaps 176(%rsp), %xmm7
  mov %rbp, %rsp
  pop %rbp
  .cfi_def_cfa rsp, 24
  add $16, %rsp
  .cfi_adjust_cfa_offset -16
  jmp *%r11
  .cfi_endproc
.size mqttvet_unmodelled, .-mqttvet_unmodelled

.macro unmodelled name
.section .rodata.str1.1, "aMS", @progbits, 1
.Lname_\name: .string "\name"
.bss
.balign 8
.Lfound_\name: .zero 8
.text
.globl \name
.type \name, @function
\name:
  .cfi_startproc
  lea .Lfound_\name(%rip), %r11
  push %r11
  .cfi_adjust_cfa_offset 8
  lea .Lname_\name(%rip), %r11
  push %r11
  .cfi_adjust_cfa_offset 8
  jmp mqttvet_unmodelled
  .cfi_endproc
.size \name, .-\name
.endm

# Threads
.irp name, pthread_exit, pthread_cancel, pthread_kill, pthread_timedjoin_np, pthread_tryjoin_np
unmodelled \name
.endr
.irp name, pthread_clockjoin_np
unmodelled \name
.endr
.irp name, pthread_rwlock_tryrdlock, pthread_rwlock_trywrlock, pthread_rwlock_timedrdlock
unmodelled \name
.endr
.irp name, pthread_rwlock_timedwrlock
unmodelled \name
.endr
.irp name, pthread_rwlock_clockrdlock, pthread_rwlock_clockwrlock, pthread_barrier_wait
unmodelled \name
.endr
.irp name, pthread_spin_lock, sem_clockwait
unmodelled \name
.endr
# Waiting
.irp name, ppoll, select, pselect, epoll_create, epoll_create1, epoll_ctl, epoll_wait, epoll_pwait
unmodelled \name
.endr
.irp name, eventfd, pause, alarm
unmodelled \name
.endr
.irp name, timerfd_create, timer_create, setitimer, __poll_chk, __ppoll_chk, sigwait, sigtimedwait
unmodelled \name
.endr
# Sockets
.irp name, accept, accept4, bind, listen, sendto, sendmsg, sendmmsg, recvfrom, recvmsg, recvmmsg, readv
unmodelled \name
.endr
.irp name, socketpair
unmodelled \name
.endr
.irp name, __recv_chk, __recvfrom_chk, __read_chk, dup, dup2, dup3, sendfile, gethostbyname, getnameinfo
unmodelled \name
.endr
# Files and processes
.irp name, open, open64, openat, openat64, creat, fdopen, freopen, link, symlink, truncate, readlink
unmodelled \name
.endr
.irp name, unlinkat
unmodelled \name
.endr
.irp name, chdir, chmod, fchmod, fchmodat, utimensat, statvfs, shmget, shmat, tcgetattr, tcsetattr
unmodelled \name
.endr
.irp name, fdopendir
unmodelled \name
.endr
.irp name, fork, vfork, system, popen, posix_spawn, execve, execv, execvp, kill, raise, rand_r, drand48
unmodelled \name
.endr
)");
