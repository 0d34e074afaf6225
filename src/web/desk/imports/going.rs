//! Files that take longer to record than a request: they go on behind it, and a page tells how far
//! they have come.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use minijinja::context;
use rocket::http::Status;
use rocket::tokio::spawn;
use rocket::tokio::sync::watch;
use rocket::tokio::time::timeout;
use rocket::{State, get};

use super::preview::{self, FORM, Filter};
use super::work::{Found, find};
use crate::ledger::word::Person;
use crate::store::{RecordFault, Store};
use crate::web::desk::Answer;
use crate::web::forms::{Fields, FormView};
use crate::web::session::{Kept, Officer, Treasurer};
use crate::web::{Config, Fault};

/// How long a request waits before its file goes on without it: nobody looks at a page of progress
/// for less.
const PATIENCE: Duration = Duration::from_secs(3);
/// After how many seconds the page asks again.
const AGAIN: u16 = 2;

/// How a recording ended; a fault with the row of the file that it is about.
#[derive(Clone, Debug)]
pub struct Ended(pub Result<(), (String, RecordFault)>);

/// Where the end of a recording is told.
type Told = watch::Receiver<Option<Ended>>;

/// A statement: its officer, and its identifier.
pub type Statement<'a> = (&'a Person, &'a Person);

/// The files that are being recorded behind their requests, by their officers and identifiers, and
/// those of which nobody asked yet how they ended.
#[derive(Debug)]
pub struct Going {
    tasks: Mutex<BTreeMap<(Person, Person), Told>>,
    patience: Mutex<Duration>,
}

impl Default for Going {
    fn default() -> Self {
        Self { tasks: Mutex::default(), patience: Mutex::new(PATIENCE) }
    }
}

impl Going {
    /// Lets files go on behind their requests after another while.
    pub fn set_patience(&self, patience: Duration) {
        *self.patience.lock().unwrap_or_else(PoisonError::into_inner) = patience;
    }

    fn tasks(&self) -> MutexGuard<'_, BTreeMap<(Person, Person), Told>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the end of a statement's recording is told, if it is being recorded or nobody asked
    /// yet how it ended.
    #[must_use]
    pub fn of(&self, own: Statement<'_>) -> Option<Told> {
        self.tasks().get(&key(own)).cloned()
    }

    /// The same of one that is being recorded at this moment.
    #[must_use]
    pub fn running(&self, own: Statement<'_>) -> Option<Told> {
        self.of(own).filter(|told| !is_over(told))
    }

    /// Begins to record a statement, unless that is going on already.
    pub fn start(
        &self,
        own: Statement<'_>,
        run: impl Future<Output = Ended> + Send + 'static,
    ) -> Told {
        let mut tasks = self.tasks();
        // An earlier try that is over is nobody's any more: this one takes its place.
        if let Some(told) = tasks.get(&key(own)).filter(|told| !is_over(told)) {
            return told.clone();
        }
        let (tell, told) = watch::channel(None);
        spawn(async move {
            let ended = run.await;
            tell.send_replace(Some(ended));
        });
        tasks.insert(key(own), told.clone());
        told
    }

    /// Waits for a short while; how it ended, or nothing of what goes on.
    pub async fn wait(&self, own: Statement<'_>, mut told: Told) -> Option<Ended> {
        let patience = *self.patience.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = timeout(patience, told.wait_for(Option::is_some)).await.ok()?;
        let ended = waited.ok().and_then(|ended| ended.clone());
        let mut tasks = self.tasks();
        if tasks.get(&key(own)).is_some_and(|known| known.same_channel(&told)) {
            tasks.remove(&key(own));
        }
        Some(ended.unwrap_or_else(broken))
    }

    /// How one ended that is over; asked for once.
    fn take(&self, own: Statement<'_>) -> Option<Ended> {
        let mut tasks = self.tasks();
        let told = tasks.get(&key(own)).filter(|told| is_over(told))?;
        let ended = told.borrow().clone().unwrap_or_else(broken);
        tasks.remove(&key(own));
        Some(ended)
    }
}

fn key((officer, id): Statement<'_>) -> (Person, Person) {
    (officer.clone(), id.clone())
}

/// Whether a recording is over, or broke off.
fn is_over(told: &Told) -> bool {
    told.borrow().is_some() || told.has_changed().is_err()
}

/// It broke off without a word.
fn broken() -> Ended {
    Ended(Err((String::new(), RecordFault::Store("the recording broke off".to_owned()))))
}

/// How far a statement that is being recorded has come; its result, once it is.
#[get("/ban/nhap-tep/<id>/dang-ghi")]
pub async fn show(
    officer: Treasurer,
    kept: Kept<'_>,
    config: &State<Config>,
    going: &State<Going>,
    id: &str,
) -> Result<Answer, Fault> {
    let (officer, store, now) = (officer.0, kept.0, config.clock.now());
    let own: Person = id.parse().map_err(|_| Fault::NotFound)?;
    let of = (&officer.person, &own);
    // The file is opened only when there is an end to tell: the page asks again and again. What is
    // committed, but not yet read back and shown, goes on.
    if going.running(of).is_some() {
        return Ok(progress_page(&officer, store, id));
    }
    let ended = going.take(of);
    let work = match find(&officer, store, id, now).await? {
        Found::Recorded(_) => return Ok(Answer::go(format!("{}/{id}/xong", super::PATH))),
        Found::Waiting(work) => work,
    };
    if let Some(ended) = ended {
        let mut form = Fields::none().only(FORM)?;
        if ended.settle(&officer, store, &work.id, &mut form, now).await?.is_ok() {
            return Ok(Answer::go(format!("{}/xong", work.path())));
        }
        let Ok(planned) = work.plan(&officer, store).await? else {
            return Err(Fault::Conflict("import-moved"));
        };
        let view = FormView::again(&officer.form_secret(), &work.path(), &form);
        let of = (view, &Filter::default());
        let page = preview::page(&officer, store, &work, &planned, of, false).await?;
        return Ok(page.status(Status::UnprocessableEntity).into());
    }
    Ok(Answer::go(work.path()))
}

/// The page of a statement that is being recorded.
fn progress_page(officer: &Officer, store: &Store, id: &str) -> Answer {
    let progress = store.importing(officer.chapter);
    let shown = context! {
        path => format!("{}/{id}/dang-ghi", super::PATH),
        progress => progress.map(|now| context! {
            done => now.done,
            all => now.all,
            rate => now.rate(),
            minutes => now.left().map(|left| left.as_secs().div_ceil(60)).filter(|left| *left > 1),
            seconds => now.left().map(|left| left.as_secs()),
        }),
    };
    crate::web::desk::page(officer, "desk/import_going.html", shown).refresh(AGAIN).into()
}
