//! Gives up, for this process and for good, whatever a lesson does not need. This stands behind the
//! interpreters: it must hold even where one of them is broken out of.

/// What the process may still use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of address space.
    pub address_space: u64,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
}

/// Locks the process down. An error means that the learner's code must not run.
#[cfg(target_os = "linux")]
pub(super) fn lock_down(limits: Limits) -> Result<(), String> {
    linux::forbid_debuggers();
    // The landlock ruleset is a file descriptor, so it comes before the limit of those. An old kernel may
    // not know it; the system-call filter below refuses the same things.
    linux::deny_file_system_and_network();
    unix::limit(limits)?;
    linux::filter_system_calls()
}

/// Locks the process down as far as this system can. The parent's deadline stands behind it.
#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn lock_down(limits: Limits) -> Result<(), String> {
    unix::limit(limits)
}

/// There are no limits that a process can set for itself here: the interpreters' own ones and the parent's
/// deadline have to do.
#[cfg(not(unix))]
pub(super) fn lock_down(_limits: Limits) -> Result<(), String> {
    Ok(())
}

#[cfg(unix)]
mod unix {
    use super::Limits;

    pub(super) fn limit(limits: Limits) -> Result<(), String> {
        let wanted = [
            (libc::RLIMIT_CPU, limits.cpu_seconds),
            // Only pipes can be written to.
            (libc::RLIMIT_FSIZE, 0),
            // Standard input, output and error are open already.
            (libc::RLIMIT_NOFILE, 3),
            (libc::RLIMIT_NPROC, 0),
            (libc::RLIMIT_CORE, 0),
            (libc::RLIMIT_AS, limits.address_space),
        ];
        for (resource, value) in wanted {
            let limit = libc::rlimit { rlim_cur: value as libc::rlim_t, rlim_max: value as libc::rlim_t };
            // SAFETY: `limit` is a valid rlimit that outlives the call.
            let result = unsafe { libc::setrlimit(resource, &limit) };
            // macOS refuses a limit of address space below what is mapped already.
            if result != 0 && cfg!(target_os = "linux") {
                return Err(format!("resource limit {resource} cannot be set"));
            }
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, Scope};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule, TargetArch,
    };

    type Rules = BTreeMap<i64, Vec<SeccompRule>>;

    /// Nobody may attach to the process and run code in it. (`PR_SET_PDEATHSIG` would be no good: it means
    /// the *thread* that started the child, and a child that waits for its task outlives that.)
    pub(super) fn forbid_debuggers() {
        // SAFETY: prctl with this option reads integers only.
        unsafe {
            libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0);
        }
    }

    pub(super) fn deny_file_system_and_network() {
        let abi = ABI::V6;
        let denied = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))
            .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(abi)))
            .and_then(|ruleset| ruleset.scope(Scope::from_all(abi)))
            .and_then(|ruleset| ruleset.create())
            // No rule is added, so that nothing is allowed.
            .and_then(|ruleset| ruleset.no_new_privs(true).restrict_self());
        if let Err(error) = denied {
            tracing::debug!("landlock is not available: {error}");
        }
    }

    /// What runs is counted: reading, writing, memory and time. What asks for a file gets an error, as a
    /// library may do so for a harmless reason. Anything else ends the process.
    pub(super) fn filter_system_calls() -> Result<(), String> {
        let arch: TargetArch = std::env::consts::ARCH
            .try_into()
            .map_err(|_| "there is no system-call filter for this processor".to_owned())?;
        let refused = SeccompFilter::new(
            any_arguments(REFUSED),
            SeccompAction::Allow,
            SeccompAction::Errno(libc::EACCES as u32),
            arch,
        );
        let mut known = any_arguments(ALLOWED);
        known.extend(any_arguments(REFUSED));
        // For the second of the two filters only.
        known.extend(any_arguments(&[libc::SYS_seccomp, libc::SYS_prctl]));
        known.insert(libc::SYS_tgkill, only_itself()?);
        let allowed = SeccompFilter::new(known, SeccompAction::KillProcess, SeccompAction::Allow, arch);
        for filter in [refused, allowed] {
            let program: BpfProgram =
                filter.and_then(TryInto::try_into).map_err(|error| error.to_string())?;
            seccompiler::apply_filter(&program).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn any_arguments(calls: &[i64]) -> Rules {
        calls.iter().map(|&call| (call, Vec::new())).collect()
    }

    /// `abort` sends its signal this way; no other process may be sent one.
    fn only_itself() -> Result<Vec<SeccompRule>, String> {
        let own = u64::from(std::process::id());
        let condition = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, own);
        let rule = condition.and_then(|condition| SeccompRule::new(vec![condition]));
        Ok(vec![rule.map_err(|error| error.to_string())?])
    }

    const ALLOWED: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_clock_gettime,
        libc::SYS_close,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_fstat,
        libc::SYS_futex,
        libc::SYS_getpid,
        libc::SYS_getrandom,
        libc::SYS_gettid,
        libc::SYS_gettimeofday,
        libc::SYS_madvise,
        libc::SYS_mmap,
        libc::SYS_mprotect,
        libc::SYS_mremap,
        libc::SYS_munmap,
        libc::SYS_read,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sched_yield,
        libc::SYS_sigaltstack,
        libc::SYS_write,
    ];

    #[cfg(target_arch = "x86_64")]
    const REFUSED: &[i64] = &[
        libc::SYS_access,
        libc::SYS_fcntl,
        libc::SYS_getcwd,
        libc::SYS_geteuid,
        libc::SYS_getuid,
        libc::SYS_ioctl,
        libc::SYS_lseek,
        libc::SYS_lstat,
        libc::SYS_newfstatat,
        libc::SYS_open,
        libc::SYS_openat,
        libc::SYS_readlink,
        libc::SYS_stat,
        libc::SYS_statx,
        libc::SYS_uname,
        libc::SYS_unlink,
    ];

    #[cfg(not(target_arch = "x86_64"))]
    const REFUSED: &[i64] = &[
        libc::SYS_faccessat,
        libc::SYS_fcntl,
        libc::SYS_getcwd,
        libc::SYS_geteuid,
        libc::SYS_getuid,
        libc::SYS_ioctl,
        libc::SYS_lseek,
        libc::SYS_newfstatat,
        libc::SYS_openat,
        libc::SYS_readlinkat,
        libc::SYS_statx,
        libc::SYS_uname,
        libc::SYS_unlinkat,
    ];
}
