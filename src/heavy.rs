//! Work for the processor that would hold up a thread on which requests wait for each other, such as the parsing of a large body.
//! It runs on threads of its own, as many at a time as there are cores.

use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::error::{Error, Result};

/// How many bytes are handled where they are: to hand them over would take longer.
pub const LARGE: usize = 64 * 1024;

/// What runs at a time. The cores are those of the program, whatever number of servers it has.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new(cores))
});

/// Runs work on about this many bytes: at once if they are few, else on another thread when it is its turn. The work ends even if
/// nobody waits for it any longer, and has its turn until then.
///
/// # Errors
/// Those of the work; internal if it panics.
pub async fn run<T, Work>(bytes: usize, work: Work) -> Result<T>
where
    T: Send + 'static,
    Work: FnOnce() -> Result<T> + Send + 'static,
{
    if bytes <= LARGE {
        return work();
    }
    run_in_turn(&TURNS, work).await
}

async fn run_in_turn<T, Work>(turns: &Arc<Semaphore>, work: Work) -> Result<T>
where
    T: Send + 'static,
    Work: FnOnce() -> Result<T> + Send + 'static,
{
    let turn = Arc::clone(turns).acquire_owned().await.map_err(Error::internal)?;
    let done = spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    done.await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn only_what_is_large_leaves_its_thread() {
        let here = thread::current().id();
        let thread_of = async |bytes| run(bytes, || Ok(thread::current().id())).await;

        assert_eq!(thread_of(LARGE).await.ok(), Some(here));
        assert_ne!(thread_of(LARGE + 1).await.ok(), Some(here));
    }

    #[tokio::test]
    async fn a_turn_outlasts_a_caller_who_left() {
        let turns = Arc::new(Semaphore::new(1));
        let (release, held) = std::sync::mpsc::channel::<()>();
        let mut left = Box::pin(run_in_turn(&turns, move || {
            let _ = held.recv();
            Ok(())
        }));
        while turns.available_permits() == 1 {
            tokio::select! {
                _ = &mut left => {}
                () = tokio::task::yield_now() => {}
            }
        }
        drop(left);
        assert_eq!(turns.available_permits(), 0);
        drop(release);
    }
}
