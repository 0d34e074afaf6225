//! What a run found, in words for people.

use std::fmt::Write as _;

use crate::follow::memory::News;
use crate::follow::watch::{Finding, Found, Status};
use crate::ledger::word::Time;
use crate::verify::report::Step;
use crate::web::Language;
use crate::web::format;
use crate::web::i18n::{Arguments, Texts};

use super::Told;

/// Texts of one language.
pub(super) struct Speech<'a> {
    pub texts: &'a Texts,
    pub language: Language,
}

impl Speech<'_> {
    pub fn say(&self, key: &str) -> String {
        self.texts.text(self.language, key, &Arguments::new())
    }

    pub fn with(&self, key: &str, values: &[(&'static str, &str)]) -> String {
        let one =
            |(name, value): &(&'static str, &str)| ((*name).into(), (*value).to_owned().into());
        self.texts.text(self.language, key, &values.iter().map(one).collect())
    }

    fn number(&self, number: u64) -> String {
        format::number(i64::try_from(number).unwrap_or(i64::MAX), self.language)
    }
}

/// The report of a run.
pub(super) fn report(at: Time, all: &[Told], speech: &Speech<'_>) -> String {
    let mut out = speech.with("monitor-title", &[("at", &at.to_string())]);
    out.push('\n');
    for told in all {
        out.push('\n');
        out.push_str(&ledger(told, speech));
    }
    out
}

/// One ledger: a line, and below it what is wrong.
pub(super) fn ledger(told: &Told, speech: &Speech<'_>) -> String {
    let mut out = headline(told, speech);
    out.push('\n');
    for found in &told.finding.found {
        broken(&mut out, found, speech);
    }
    for away in &told.finding.away {
        let said = [("from", away.from.as_str()), ("reason", away.reason.as_str())];
        line(&mut out, &speech.with("monitor-away-from", &said));
    }
    let report = told.finding.report.as_ref();
    if told.finding.status == Status::Sound
        && let Some(report) = report
    {
        let key = match report.log_key_given {
            true => "monitor-key-given",
            false => "monitor-key-own",
        };
        line(&mut out, &speech.say(key));
        for (witness, time) in &report.witnesses {
            let time = i64::try_from(*time).ok();
            let time = time.and_then(|time| chrono::DateTime::from_timestamp(time, 0));
            let time = time.and_then(Time::new).map_or_else(String::new, |time| time.to_string());
            let said = [("witness", witness.as_str()), ("at", time.as_str())];
            line(&mut out, &speech.with("monitor-witness", &said));
        }
        for what in &report.not_checked {
            line(&mut out, &speech.with("monitor-not-checked", &[("what", what)]));
        }
    }
    if let (Some(report), Status::Newer) = (report, told.finding.status) {
        let verified = speech.number(report.verified);
        line(&mut out, &speech.with("monitor-newer-than", &[("number", &verified)]));
    }
    out
}

/// In one line.
pub(super) fn headline(told: &Told, speech: &Speech<'_>) -> String {
    let finding = &told.finding;
    let key = match finding.status {
        Status::Sound => "monitor-sound",
        Status::Broken => "monitor-broken",
        Status::Newer => "monitor-newer",
        Status::Away => "monitor-away",
    };
    let name = match &finding.origin {
        Some(origin) if *origin != finding.name => format!("{} ({origin})", finding.name),
        _ => finding.name.clone(),
    };
    let mut said = vec![speech.with(key, &[("name", &name)])];
    if let Some(size) = finding.size {
        said.push(speech.with("monitor-size", &[("number", &speech.number(size))]));
    }
    if let (Some(before), Some(size)) = (finding.before, finding.size)
        && size > before
    {
        said.push(speech.with("monitor-grew", &[("number", &speech.number(size - before))]));
    }
    for news in &told.news {
        let key = match news {
            News::Begun => "monitor-news-begun",
            News::Grew => continue,
            News::Broke => "monitor-news-broke",
            News::Mended => "monitor-news-mended",
            News::Away => "monitor-news-away",
            News::Back => "monitor-news-back",
            News::Newer => continue,
        };
        said.push(speech.say(key));
    }
    if let Some(since) = told.away_since {
        said.push(speech.with("monitor-away-since", &[("at", &since.to_string())]));
    }
    said.join("; ")
}

/// What does not hold, where, and both heads.
fn broken(out: &mut String, found: &Found, speech: &Speech<'_>) {
    line(out, &speech.with("monitor-from", &[("from", &found.from)]));
    line(out, &why(found, speech));
    if let Some(folder) = &found.evidence {
        let folder = folder.display().to_string();
        line(out, &speech.with("monitor-evidence", &[("folder", &folder)]));
    }
    for (key, head) in [("monitor-known", &found.known), ("monitor-found", &found.head)] {
        let Some(head) = head else { continue };
        line(out, &speech.say(key));
        for own in head.lines() {
            let legible: String = own.chars().filter(|c| !c.is_control()).take(300).collect();
            line(out, &format!("  | {legible}"));
        }
    }
}

/// The reason with the entry, in a sentence.
pub(super) fn why(found: &Found, speech: &Speech<'_>) -> String {
    let broken = &found.broken;
    let key = match broken.code.as_str() {
        "split" => "monitor-why-split",
        "shrunk" => "monitor-why-shrunk",
        "changed" => "monitor-why-changed",
        "log-signature" => "monitor-why-log-signature",
        "log-key" => "monitor-why-log-key",
        "own-policy" => "monitor-why-policy",
        "missing" => "monitor-why-missing",
        _ => match broken.step {
            Step::Form => "monitor-why-form",
            Step::Chain => "monitor-why-chain",
            Step::Tree => "monitor-why-tree",
            Step::Signatures => "monitor-why-signatures",
            Step::Authority => "monitor-why-authority",
            Step::Books => "monitor-why-books",
            Step::Statements => "monitor-why-statements",
            Step::Disclosures => "monitor-why-disclosures",
        },
    };
    let place = match (broken.seq, &broken.ledger) {
        (Some(seq), Some(ledger)) => {
            let seq = seq.to_string();
            speech.with("monitor-at-of", &[("seq", &seq), ("ledger", ledger)])
        }
        (Some(seq), None) => speech.with("monitor-at", &[("seq", &seq.to_string())]),
        (None, _) => String::new(),
    };
    let detail = format!("{} ({})", broken.reason, broken.code);
    let detail = speech.with("monitor-detail", &[("detail", &detail)]);
    let parts = [place, speech.say(key), detail];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn line(out: &mut String, text: &str) {
    // Writing into memory does not fail.
    let _ = writeln!(out, "    {text}");
}

/// Whether a finding is worth a word of a quiet run.
pub(super) const fn is_loud(finding: &Finding) -> bool {
    matches!(finding.status, Status::Broken | Status::Newer)
}
