//! `minhbach sign`: the second signature, given on a machine of one's own.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use minijinja::context;
use minijinja::value::{Serde, Value};

use super::key_file::{KeyFile, write_new};
use super::{CliFault, passphrase};
use crate::books::Books;
use crate::ledger::away::{Added, Asked, AwayFault, MOST_BYTES, Signed, ToSign};
use crate::ledger::keys::SignatureRole;
use crate::store::desk::sealing::SealingFault;
use crate::web::desk::admin::rows::short;
use crate::web::desk::describe::{self, Row};
use crate::web::desk::{away, entry};
use crate::web::i18n::Arguments;
use crate::web::{Language, Pages};

/// Shows vouchers that wait for your signature, in plain words, and signs them with your key file.
///
/// The file comes from the desk (To approve, Sign away from the server) and can be signed without a
/// network. Its form, the recorder's signature and the private values in it are checked before
/// anything is shown; a file that was changed is refused. You are asked before it signs, then for
/// the passphrase of the key file (or it is the first line of --passphrase-file, or
/// MINHBACH_PASSPHRASE). All vouchers of the file are signed at once, or those that you name.
///
/// A file of an invitation (khoa-moi.json) is signed in the same way: it gets your public key, and
/// the signature proves that you hold the other half.
///
/// The server's word alone are the names of codes and what would change; the codes themselves and
/// everything else stand in the voucher that is signed.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:
  minhbach sign cho-ky-7Q2M4T.json --key chair.key
  minhbach sign cho-ky-xuan-tay-40-phieu.json --key chair.key --only 7Q2M4T --only B3K9ZD
  minhbach sign cho-ky-7Q2M4T.json --key chair.key --show --raw --lang en
  minhbach sign khoa-moi.json --key chair.key --out proof.json")]
pub struct Sign {
    /// The file that the desk gave
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your key file
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// Where the signed file goes [default: beside FILE, its name ending in -da-ky.json]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Sign these vouchers alone, by their code
    #[arg(long, value_name = "CODE")]
    only: Vec<String>,
    /// Shows the vouchers and ends
    #[arg(long)]
    show: bool,
    /// Shows what is signed as it is, too
    #[arg(long)]
    raw: bool,
    /// Signs without asking
    #[arg(long)]
    yes: bool,
    /// The language that vouchers are shown in: vi or en
    #[arg(long, value_name = "vi|en", default_value = "vi", value_parser = language)]
    lang: Language,
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_tag(text).ok_or_else(|| "vi or en".to_owned())
}

/// Words of the program in the language that was asked for.
struct Speech {
    pages: Pages,
    language: Language,
}

impl Speech {
    fn say(&self, key: &str, number: Option<usize>) -> String {
        let mut arguments = Arguments::new();
        if let Some(number) = number {
            arguments.insert("number".into(), number.into());
        }
        self.pages.texts().text(self.language, key, &arguments)
    }

    fn no(&self, key: &str) -> CliFault {
        CliFault::Argument(self.say(key, None))
    }

    fn refused(&self, fault: &AwayFault) -> CliFault {
        self.no(away::fault_key(fault))
    }
}

impl Sign {
    /// Runs the command.
    ///
    /// # Errors
    /// [`CliFault`].
    pub fn run(self) -> Result<(), CliFault> {
        let pages = Pages::load().map_err(CliFault::Argument)?;
        let speech = Speech { pages, language: self.lang };
        let mut file = ToSign::read(&bytes(&self.file)?).map_err(|no| speech.refused(&no))?;
        let key = KeyFile::read(&self.key)?.ok_or_else(|| speech.no("sign-key-damaged"))?;
        if !self.only.is_empty() {
            let named = |code: &str| self.only.iter().any(|own| own.eq_ignore_ascii_case(code));
            file.drafts.retain(|asked| named(&asked.code));
        }
        if file.drafts.is_empty() {
            return Err(speech.no("sign-none-chosen"));
        }
        for asked in &file.drafts {
            asked.check_key(key.public()).map_err(|no| speech.refused(&no))?;
        }
        print!("{}", told(&speech, &file, &key, self.raw)?);
        if self.show {
            return Ok(());
        }
        let number = file.drafts.len();
        if !self.yes && !agreed(&speech.say("sign-ask", Some(number)))? {
            println!("{}", speech.say("sign-not-signed", None));
            return Ok(());
        }
        let signed = self.signed(&speech, &file, &key)?;
        let out = self.out.clone().unwrap_or_else(|| beside(&self.file));
        write_new(&out, &signed.bytes())?;
        println!("{} {}", speech.say("sign-done", Some(number)), out.display());
        Ok(())
    }

    fn signed(&self, speech: &Speech, file: &ToSign, key: &KeyFile) -> Result<Signed, CliFault> {
        let name = self.key.display().to_string();
        let passphrase = passphrase::read(&name, self.passphrase_file.as_deref())?;
        let opened = key.open(&passphrase).map_err(|fault| match fault {
            SealingFault::Wrong => speech.no("sign-key-wrong"),
            other => other.into(),
        })?;
        let added = file.drafts.iter().map(|asked| asked.sign(&opened));
        let signatures: Result<Vec<Added>, AwayFault> = added.collect();
        // Of a new officer the desk keeps the name that stands in the voucher as a digest.
        let new = file.drafts.iter().filter(|asked| asked.role == SignatureRole::Holder);
        Ok(Signed {
            log: file.log.clone(),
            private: new.flat_map(|asked| asked.private.clone()).collect(),
            signatures: signatures.map_err(|no| speech.refused(&no))?,
        })
    }
}

/// The file's bytes, and one more where it is too large.
fn bytes(path: &Path) -> Result<Vec<u8>, CliFault> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|fault| CliFault::file(path, fault))?;
    Ok(bytes)
}

fn beside(file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}-da-ky.json"))
}

/// Whether who sits there says yes, in either language.
fn agreed(question: &str) -> Result<bool, CliFault> {
    let terminal = |fault| CliFault::file("the terminal", fault);
    print!("{question} ");
    std::io::stdout().flush().map_err(terminal)?;
    let mut line = String::new();
    std::io::stdin().lock().take(1_000).read_line(&mut line).map_err(terminal)?;
    let said = line.trim().to_lowercase();
    // “có” as it is typed on keyboards that put marks behind letters.
    Ok(["có", "co\u{301}", "co", "yes"].contains(&said.as_str()))
}

/// The vouchers in words.
fn told(speech: &Speech, file: &ToSign, key: &KeyFile, raw: bool) -> Result<String, CliFault> {
    let drafts: Result<Vec<Value>, CliFault> =
        file.drafts.iter().map(|asked| told_one(speech, file, asked, raw)).collect();
    let shown = context! {
        chapter => file.chapter.as_str(),
        log => file.log.as_str(),
        made_at => file.made_at.to_string(),
        offset => file.utc_offset.fixed().to_string(),
        own_key => short(&key.public().vkey()),
        names => Serde(&file.names),
        drafts => drafts?,
    };
    let told = speech.pages.render(speech.language, "desk/to-sign.txt", shown);
    told.map_err(|fault| CliFault::Argument(fault.to_string()))
}

fn told_one(speech: &Speech, file: &ToSign, asked: &Asked, raw: bool) -> Result<Value, CliFault> {
    let voucher = &asked.voucher;
    // Without books codes stay codes; their names are the server's word and told as such.
    let mut rows = describe::voucher(&Books::new(), voucher);
    if asked.role == SignatureRole::Holder {
        // A placeholder stands there: the key is the one of the key file.
        rows.retain(|row| !["voucher-vkey", "voucher-new-vkey"].contains(&row.label.as_str()));
    }
    rows.iter_mut().for_each(|row| name(&file.names, row));
    let private = asked.opened().map_err(|no| speech.refused(&no))?;
    let raw = raw.then(|| String::from_utf8_lossy(&voucher.bytes()).into_owned());
    Ok(context! {
        role => asked.role.as_str(),
        code => asked.code.as_str(),
        kind => voucher.kind().as_str(),
        total => describe::total(voucher),
        rows => Serde(rows),
        closed => describe::closed(&Books::new(), voucher).map(Serde),
        changes => Serde(&asked.changes),
        private => Serde(entry::disclosed(voucher.kind(), private.iter())),
        recorder => asked.recorder.as_ref().map(|own| context! {
            title => own.title.as_str(),
            key => short(&own.vkey.vkey()),
        }),
        raw,
    })
}

/// Puts the name of a code beside it.
fn name(names: &BTreeMap<String, BTreeMap<String, String>>, row: &mut Row) {
    let Some(what) = away::sort(&row.label) else { return };
    if let Some(name) = names.get(what).and_then(|names| names.get(&row.text)) {
        row.text = format!("{name} [{}]", row.text);
    }
}
