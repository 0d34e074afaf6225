//! Passphrases in forms of the desk: a new one typed twice, the present one typed once more.

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use crate::ledger::keys::SigningKey;
use crate::store::Store;
use crate::store::desk::accounts::{Begun, Unsure};
use crate::store::desk::factors::OneTime;
use crate::store::desk::passphrase::{LEAST_DISTINCT, LEAST_LENGTH, Passphrase, PassphraseFault};
use crate::store::desk::sealing::Opened;
use crate::web::forms::{Field, Noted, Submission};
use crate::web::session::Officer;
use crate::web::{Config, Fault};

/// A new passphrase, typed twice.
///
/// # Errors
/// [`Noted`] with the rule that it breaks, or when the second differs.
pub fn chosen(
    form: &mut Submission,
    (field, again_field): (&'static str, &'static str),
    sign_in_name: Option<&str>,
) -> Result<Passphrase, Noted> {
    let typed = form.passphrase(field);
    let again = form.passphrase(again_field);
    let (typed, again) = (typed?, again?);
    let name = sign_in_name.unwrap_or_default();
    let passphrase = Passphrase::choose(&typed, name).map_err(|fault| match fault {
        PassphraseFault::TooShort => {
            let least = Value::from(LEAST_LENGTH);
            form.note_with(field, "fault-passphrase-short", [("least", least)])
        }
        PassphraseFault::TooLong => form.note(field, "fault-passphrase-long"),
        PassphraseFault::TooPlain => {
            let least = Value::from(LEAST_DISTINCT);
            form.note_with(field, "fault-passphrase-plain", [("least", least)])
        }
        PassphraseFault::Run => form.note(field, "fault-passphrase-run"),
        PassphraseFault::HoldsName => form.note(field, "fault-passphrase-name"),
        PassphraseFault::Control | PassphraseFault::Randomness => {
            form.note(field, "fault-passphrase-control")
        }
    })?;
    if *typed != *again {
        return Err(form.note(again_field, "fault-passphrase-differs"));
    }
    Ok(passphrase)
}

/// What the present passphrase opens, typed once more into the field `passphrase`; tries are
/// counted. The caller ends what was begun.
///
/// # Errors
/// [`Fault`] of the machine; the inner error is noted in the form.
pub async fn opened(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<(Begun, Opened), Noted>, Fault> {
    let Ok(typed) = form.passphrase("passphrase") else { return Ok(Err(Noted)) };
    let Ok(passphrase) = Passphrase::read(&typed) else {
        return Ok(Err(form.note("passphrase", "fault-passphrase-control")));
    };
    let begun = store.begin_confirmation(&officer.desk, &officer.person, now).await;
    let begun = match begun.map_err(Fault::internal)? {
        Ok(begun) => begun,
        Err(wait) => {
            let seconds = Value::from(wait.num_seconds().max(1));
            let key = "fault-sign-in-wait";
            return Ok(Err(form.note_with("passphrase", key, [("seconds", seconds)])));
        }
    };
    let proved = begun.prove(&config.sealer, &officer.desk, passphrase).await;
    Ok(match proved.map_err(Fault::internal)? {
        Some(opened) => Ok((begun, opened)),
        None => Err(form.note("passphrase", "fault-passphrase-wrong")),
    })
}

/// The two fields of a second step beside a passphrase: the device's code, or a recovery code.
pub const SECOND: [Field; 2] =
    [Field::secret("one_time", "field-one-time"), Field::secret("recovery", "field-recovery")];

/// A passphrase typed once more with, where codes are asked for of this officer, a code: the try
/// that is begun and the code. The caller ends it; a wrong code counts as a wrong passphrase does.
///
/// # Errors
/// [`Fault`] of the machine; the inner error is noted in the form, with the same words for a wrong
/// passphrase and a wrong code.
pub async fn with_code(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
) -> Result<Result<(Begun, Option<OneTime>), Noted>, Fault> {
    let status = store.second_device(&officer.desk, officer.account()).await;
    let (status, _) = status.map_err(Fault::internal)?;
    let typed = OneTime::read(form.typed("one_time"), form.typed("recovery"));
    if status.since.is_some() && typed.is_none() {
        return Ok(Err(form.note("one_time", "fault-code-form")));
    }
    let before = form.has_faults();
    let now = config.clock.now();
    Ok(match opened(officer, store, config, form, now).await? {
        Ok((begun, _)) => Ok((begun, typed)),
        Err(Noted) => Err(same_words(form, status.since.is_some() && !before)),
    })
}

/// A refusal that does not say which of the two was wrong.
pub fn same_words(form: &mut Submission, both: bool) -> Noted {
    if both && form.is_faulted_by("fault-passphrase-wrong") {
        form.forget_faults();
        return form.note("passphrase", "fault-both-wrong");
    }
    Noted
}

/// A passphrase and, where it is asked for, a code, typed once more to confirm something.
///
/// # Errors
/// As for [`with_code`].
pub async fn confirmed(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
) -> Result<Result<(), Noted>, Fault> {
    let (begun, typed) = match with_code(officer, store, config, form).await? {
        Ok(both) => both,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let now = config.clock.now();
    let sure = store.confirm_with_code(&officer.desk, begun, typed.as_ref(), now).await;
    Ok(match sure.map_err(Fault::internal)? {
        Ok(()) => Ok(()),
        Err(unsure) => Err(not_sure(form, unsure)),
    })
}

/// Why passphrase and code were not enough, in the form.
pub fn not_sure(form: &mut Submission, unsure: Unsure) -> Noted {
    match unsure {
        Unsure::Wrong => form.note("passphrase", "fault-both-wrong"),
        Unsure::Wait(wait) => {
            let seconds = [("seconds", Value::from(wait.num_seconds().max(1)))];
            form.note_with("one_time", "fault-sign-in-wait", seconds)
        }
        Unsure::Unreadable => form.note("one_time", "fault-code-unreadable"),
    }
}

/// The officer's key, opened by the passphrase typed once more.
///
/// # Errors
/// [`Fault`]: of the machine, or a key that is kept away; the inner error is noted in the form.
pub async fn key(
    officer: &Officer,
    store: &Store,
    config: &Config,
    form: &mut Submission,
    now: DateTime<Utc>,
) -> Result<Result<SigningKey, Noted>, Fault> {
    let (begun, opened) = match opened(officer, store, config, form, now).await? {
        Ok(both) => both,
        Err(Noted) => return Ok(Err(Noted)),
    };
    let sure = store.confirm_passphrase(&officer.desk, begun, now).await;
    if !sure.map_err(Fault::internal)? {
        return Ok(Err(form.note("passphrase", "fault-passphrase-wrong")));
    }
    opened.key.map(Ok).ok_or(Fault::Unprocessable("desk-key-away"))
}
