//! `/nhan-chung`: this server as a witness of other ledgers (C2SP tlog-witness): heads are
//! submitted to `add-checkpoint`, the last one cosigned of each ledger is given out, and a page
//! tells which ledgers those are and what did not fit together.

use std::time::Duration;

use minijinja::context;
use minijinja::value::Value;
use rocket::data::ToByteUnit as _;
use rocket::http::{ContentType, Status};
use rocket::{Data, State, get, post};

use super::download::{Download, Keep};
use super::ledgers::{Ledgers, read};
use super::peer::Peer;
use crate::ledger::keys::PublicKey;
use crate::ledger::note::{Checkpoint, NoteFault, Submission};
use crate::ledger::tree::sha256;
use crate::store::{Evidence, Witnessed, Witnessing};
use crate::web::config::WITNESS;
use crate::web::{Config, Fault, Page};

/// The most KiB of a submission: 63 hashes and a note with some dozens of signatures.
const MOST: u64 = 64;
/// How long a submission may take to come in.
const LONGEST: Duration = Duration::from_secs(10);

/// What a log is told, as programs read it.
type Said = (Status, (ContentType, String));

fn say(status: Status, text: impl Into<String>) -> Said {
    (status, (ContentType::Plain, format!("{}\n", text.into())))
}

/// A head to be cosigned.
///
/// The only form of this site that anybody may send from anywhere: no browser makes it, it changes
/// nothing but the witness's memory of that ledger, and it counts by the signature of the ledger's
/// own log key alone.
#[post("/nhan-chung/add-checkpoint", data = "<body>")]
pub async fn add_checkpoint(
    body: Data<'_>,
    peer: Peer,
    config: &State<Config>,
    ledgers: Ledgers<'_>,
) -> Result<Said, Fault> {
    peer.submits()?;
    let body = tokio::time::timeout(LONGEST, body.open(MOST.kibibytes()).into_bytes()).await;
    let Ok(Ok(body)) = body else {
        return Ok(say(Status::BadRequest, "the body did not come in whole"));
    };
    if !body.is_complete() {
        return Ok(say(Status::PayloadTooLarge, format!("at most {MOST} KiB")));
    }
    let submission = match Submission::parse(&body.into_inner()) {
        Ok(submission) => submission,
        Err(fault @ NoteFault::EmptyRoot) => {
            return Ok(say(Status::UnprocessableEntity, fault.to_string()));
        }
        Err(fault) => return Ok(say(Status::BadRequest, fault.to_string())),
    };
    let origin = &submission.checkpoint.checkpoint().origin;
    let keys = || config.witnessed.iter().filter(|key| key.name() == origin);
    if keys().next().is_none() {
        return Ok(say(Status::NotFound, "this ledger is not witnessed here"));
    }
    let verified = submission.checkpoint.verify_log(keys());
    let signed = match verified.and_then(|_| submission.checkpoint.only(keys())) {
        Ok(signed) => signed,
        Err(fault) => return Ok(say(Status::Forbidden, fault.to_string())),
    };
    let name =
        config.base_url.witness_name().map_err(|fault| Fault::internal(fault.to_string()))?;
    let store = ledgers.store();
    let key = store.keys().witness_key(&name).map_err(read)?;
    let answer = store.witness(&submission, signed, &key, config.clock.now()).await;
    Ok(match answer.map_err(read)? {
        Witnessing::Cosigned(line) => say(Status::Ok, line.to_string()),
        Witnessing::Known(size) => {
            let kind = ContentType::new("text", "x.tlog.size");
            (Status::Conflict, (kind, format!("{size}\n")))
        }
        Witnessing::Misfit => say(
            Status::UnprocessableEntity,
            "the checkpoint does not continue the one that was cosigned last",
        ),
    })
}

/// The last head of a ledger that was cosigned here, by the SHA-256 of the ledger's identity.
#[get("/nhan-chung/<hash>/checkpoint", rank = 11)]
pub async fn held(hash: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    let all = ledgers.store().witnessed().await.map_err(read)?;
    let own = all.into_iter().find(|own| place(&own.origin) == hash).ok_or(Fault::NotFound)?;
    let tag = sha256(own.checkpoint.as_bytes()).to_string();
    Ok(Download::whole(ContentType::Plain, Keep::Checked, own.checkpoint).tag(tag))
}

/// Two heads that do not fit together, as they came.
#[get("/nhan-chung/bang-chung/<digest>", rank = 10)]
pub async fn evidence(digest: &str, ledgers: Ledgers<'_>) -> Result<Download, Fault> {
    let all = ledgers.store().witness_evidence().await.map_err(read)?;
    let own = all.into_iter().find(|own| own.digest == digest).ok_or(Fault::NotFound)?;
    let text = format!("{}\n{}", own.held, own.submitted);
    let file = Download::whole(ContentType::Plain, Keep::Checked, text);
    Ok(file.tag(own.digest.clone()).shown_as(format!("bang-chung-{}.txt", &own.digest[..16])))
}

/// Where the head of a ledger lies under the monitoring prefix.
fn place(origin: &str) -> String {
    sha256(origin.as_bytes()).to_string()
}

/// The page.
#[get("/nhan-chung")]
pub async fn page(config: &State<Config>, ledgers: Ledgers<'_>) -> Result<Page, Fault> {
    let store = ledgers.store();
    let held = store.witnessed().await.map_err(read)?;
    let evidence = store.witness_evidence().await.map_err(read)?;
    let waiting = config.witnessed.iter().map(PublicKey::name);
    let mut waiting: Vec<&str> =
        waiting.filter(|name| !held.iter().any(|own| own.origin == *name)).collect();
    waiting.sort_unstable();
    waiting.dedup();
    let configured = |own: &Witnessed| config.witnessed.iter().any(|key| key.name() == own.origin);
    let shown = context! {
        vkey => store.keys().witness().map(|key| key.public().vkey()),
        prefix => config.base_url.join(WITNESS),
        ledgers => held.iter().map(|own| context! {
            origin => own.origin.as_str(),
            size => own.size,
            at => own.cosigned_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            href => format!("{WITNESS}/{}/checkpoint", place(&own.origin)),
            configured => configured(own),
        }).collect::<Vec<_>>(),
        waiting => waiting.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>(),
        proven => evidence.iter().filter(|own| own.proven).map(told).collect::<Vec<_>>(),
        unproven => evidence.iter().filter(|own| !own.proven).map(told).collect::<Vec<_>>(),
    };
    Ok(Page::new("public/witness.html", shown))
}

fn told(own: &Evidence) -> Value {
    let size = |head: Option<Checkpoint>| head.map(|head| head.size);
    context! {
        origin => own.origin.as_str(),
        held => size(own.held_head()),
        submitted => size(own.submitted_head()),
        at => own.seen_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        href => format!("{WITNESS}/bang-chung/{}", own.digest),
    }
}
