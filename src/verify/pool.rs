//! The processors of this machine: work handed out in order, done by whoever has time.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, available_parallelism};

/// The most workers beside the thread that hands out.
const MOST: usize = 15;

type Job = Box<dyn FnOnce() + Send>;

/// Workers that wait for jobs; they end with it.
pub(super) struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    jobs: Mutex<Jobs>,
    more: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    ended: bool,
}

/// A result that comes, or has come already.
pub(super) struct Task<T>(Receiver<T>);

impl Pool {
    /// One worker for each processor but the one that this thread has; none where it is to work
    /// `alone`, or where the system gives no thread: this one does everything itself then.
    pub fn new(alone: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let others = available_parallelism().map_or(0, |all| all.get() - 1).min(MOST);
        let others = if alone { 0 } else { others };
        let start = |_| {
            let shared = shared.clone();
            Builder::new().name("verify".to_owned()).spawn(move || shared.work()).ok()
        };
        let workers = (0..others).filter_map(start).collect();
        Self { shared, workers }
    }

    /// Hands a job out.
    pub fn submit<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Task<T> {
        let (done, result) = sync_channel(1);
        // Nobody may wait for it any more.
        let job = move || drop(done.send(job()));
        self.shared.lock().waiting.push_back(Box::new(job));
        self.shared.more.notify_one();
        Task(result)
    }

    /// Waits for a result, and does what waits for a worker meanwhile.
    ///
    /// # Errors
    /// When the job panicked.
    pub fn wait<T>(&self, task: &Task<T>) -> io::Result<T> {
        loop {
            match task.0.try_recv() {
                Ok(result) => return Ok(result),
                Err(TryRecvError::Disconnected) => return Err(panicked()),
                Err(TryRecvError::Empty) => {}
            }
            let job = self.shared.lock().waiting.pop_front();
            match job {
                Some(job) => job(),
                // A worker has it.
                None => return task.0.recv().map_err(|_| panicked()),
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut jobs = self.shared.lock();
        jobs.ended = true;
        jobs.waiting.clear();
        drop(jobs);
        self.shared.more.notify_all();
        for worker in self.workers.drain(..) {
            // One that panicked was noticed by whoever waited for it.
            drop(worker.join());
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Jobs> {
        // Jobs run outside the lock: a panic leaves the list whole.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(job) = self.next() {
            job();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut jobs = self.lock();
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.ended {
                return None;
            }
            jobs = self.more.wait(jobs).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn panicked() -> io::Error {
    io::Error::other("a thread of the verifier ended before its work was done")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn results_come_to_whoever_asked_for_them_in_any_order() {
        let pool = Pool::new(false);
        let tasks = (0..200_u64).map(|at| (at * at, pool.submit(move || at * at)));
        let tasks: Vec<_> = tasks.collect();
        for (square, task) in tasks.iter().rev() {
            assert_eq!(pool.wait(task).unwrap(), *square);
        }
    }

    #[test]
    fn one_thread_alone_does_all_of_it() {
        let pool = Pool::new(true);
        let (first, second) = (pool.submit(|| 1), pool.submit(|| 2));
        assert_eq!((pool.wait(&second).unwrap(), pool.wait(&first).unwrap()), (2, 1));
    }

    #[test]
    fn a_panic_is_a_fault_of_the_machine_and_nothing_waits_for_ever() {
        let pool = Pool::new(false);
        // Whoever takes it: a worker that dies, or this thread through `catch_unwind`.
        let task: Task<()> = pool.submit(|| std::panic::resume_unwind(Box::new("on purpose")));
        let wait = std::panic::AssertUnwindSafe(|| pool.wait(&task).is_err());
        assert!(std::panic::catch_unwind(wait).unwrap_or(true));
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_not_waited_for() {
        let pool = Pool::new(false);
        for _ in 0..100 {
            drop(pool.submit(|| ()));
        }
    }
}
