//! A chapter at work over HTTP: who records, who hands out, who approves, who brings a statement;
//! what each sent and what was said to it, and whether the ledger agrees afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::machine::{Browser, Server, today};

pub const TREASURER: (&str, &str) = ("lan.thuquy", "con trâu đi trước cái cày");
pub const CHAIR: (&str, &str) = ("minh.chutich", "ao sâu nước cả khôn chài cá");

/// The name of a family that gets something; in no public file, page or log.
pub const FAMILY: &str = "Trần Thị Bí Mật";

/// Numbers that look random and are the same for the same seed.
pub struct Dice {
    seed: String,
    thrown: u64,
}

impl Dice {
    /// The seed of `MINHBACH_DRILL_SEED`, or one of this moment; printed.
    pub fn new(what: &str) -> Self {
        let moment = || std::time::UNIX_EPOCH.elapsed().unwrap().as_micros().to_string();
        let seed = std::env::var("MINHBACH_DRILL_SEED").unwrap_or_else(|_| moment());
        println!("{what}: again with MINHBACH_DRILL_SEED={seed}");
        Self { seed, thrown: 0 }
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.thrown += 1;
        let digest = Sha256::digest(format!("{} {}", self.seed, self.thrown));
        u64::from_be_bytes(digest[..8].try_into().unwrap()) % end
    }
}

/// A number that an operator gave, or the usual one.
pub fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}

/// Where a server has its data, its port and its log.
pub struct Site {
    pub data: PathBuf,
    pub log: PathBuf,
    pub port: u16,
    pub settings: Vec<(String, String)>,
}

impl Site {
    pub fn in_folder(folder: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let (data, log) = (folder.join("data"), folder.join("log"));
        Self { data, log, port, settings: Vec::new() }
    }

    pub fn on(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The program with this data, to be told what to do.
    pub fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
        self.settle(&mut command);
        command.arg("--data").arg(&self.data);
        command
    }

    /// Gives a program the settings of this site.
    pub fn settle(&self, command: &mut Command) {
        command.env_remove("MINHBACH_PASSPHRASE").env("ROCKET_PORT", self.port.to_string());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
    }

    /// A running server, and how long it took to say so.
    pub fn serve(&self) -> (Server, Duration) {
        let mut command = self.program();
        command.arg("serve");
        self.serve_as(command)
    }

    /// The same, begun in another way.
    pub fn serve_as(&self, mut command: Command) -> (Server, Duration) {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        command.stdout(Stdio::piped()).stderr(log);
        let begun = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let said = lines.find(|line| line.contains("http://"));
        let took = begun.elapsed();
        // Whatever it says later is read, so that it never waits for room in the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let server = Server { child, address: self.address() };
        assert!(said.is_some(), "the server did not start: {}", self.logged());
        (server, took)
    }

    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A page for everybody, with no cookies.
    pub fn page(&self, path: &str) -> (u16, String) {
        let server = format!("http://{}", self.address());
        stranger(&server, Duration::from_secs(30)).get(path)
    }

    /// What `/readyz` says.
    pub fn ready(&self) -> (u16, String) {
        self.page("/readyz")
    }

    /// Verifies the ledger as a stranger does.
    pub fn verify(&self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minhbach"));
        let url = format!("http://{}/xuan-tay", self.address());
        let output = command.args(["verify", &url]).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// The published entries.
    pub fn entries(&self) -> Vec<Value> {
        let (status, lines) = self.page("/xuan-tay/entries.jsonl");
        assert_eq!(status, 200, "{lines}");
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// A browser without cookies and with a patience of its own.
pub fn stranger(base: &str, patience: Duration) -> Browser {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(patience));
    let (agent, base) = (config.build().into(), base.to_owned());
    Browser { agent, base, cookies: BTreeMap::new() }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    text.split_once(before)?.1.split(after).next()
}

/// What a page says, without its marks.
fn words(html: &str) -> String {
    let parts = html.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let words: Vec<_> = parts.flat_map(str::split_whitespace).take(120).collect();
    words.join(" ")
}

/// The value of a field of a page, as it stands there.
fn value(html: &str, name: &str) -> Option<String> {
    let field = format!("name=\"{name}\"");
    html.split('<')
        .find(|tag| tag.contains(&field))
        .and_then(|tag| between(tag, "value=\"", "\"").map(ToOwned::to_owned))
}

/// The chosen option or button of a page.
fn chosen(html: &str, name: &str) -> String {
    let select =
        between(html, &format!("<select class=\"govuk-select\" id=\"{name}\""), "</select>");
    if let Some(select) = select {
        let option = select.split("<option ").find(|option| option.contains(" selected"));
        return option.and_then(|own| between(own, "value=\"", "\"")).unwrap_or("").to_owned();
    }
    let own = format!("name=\"{name}\"");
    let mut fields = html.split("<input ").filter(|input| input.contains(&own));
    let field =
        fields.find(|field| !field.contains("type=\"radio\"") || field.contains(" checked"));
    field.and_then(|own| between(own, "value=\"", "\"")).unwrap_or("").to_owned()
}

/// A person who is signed in.
#[derive(Clone)]
pub struct Person {
    pub browser: Browser,
    who: (&'static str, &'static str),
    tokens: BTreeMap<String, String>,
}

impl Person {
    /// Signs in; waits where the server asks to.
    pub fn signed_in(site: &Site, who: (&'static str, &'static str)) -> Self {
        let base = format!("http://{}", site.address());
        let mut browser = stranger(&base, Duration::from_secs(60));
        let token = browser.token("/dang-nhap", "/dang-nhap");
        let fields = [("token", &*token), ("name", who.0), ("passphrase", who.1)];
        let (status, to) = browser.post("/dang-nhap", &fields).expect("an answer");
        assert_eq!((status, to.as_str()), (303, "/ban/viec"), "{to}");
        Self { browser, who, tokens: BTreeMap::new() }
    }

    /// The same person and session; connections of a server that is gone are forgotten.
    pub fn anew(&self) -> Self {
        let browser = stranger(&self.browser.base, Duration::from_secs(60));
        let browser = Browser { cookies: self.browser.cookies.clone(), ..browser };
        Self { browser, ..self.clone() }
    }

    /// The token of a form, asked for once: it holds as long as the session.
    pub fn token(&mut self, path: &str) -> String {
        if let Some(token) = self.tokens.get(path) {
            return token.clone();
        }
        let token = self.browser.token(path, path);
        self.tokens.insert(path.to_owned(), token.clone());
        token
    }

    /// Sends a slip to be recorded.
    pub fn slip(&mut self, path: &str, id: &str, more: &[(&str, &str)]) -> Option<(u16, String)> {
        self.slip_of(&today(), path, id, more)
    }

    /// The same with another day on it.
    fn slip_of(
        &mut self,
        day: &str,
        path: &str,
        id: &str,
        more: &[(&str, &str)],
    ) -> Option<(u16, String)> {
        let token = self.token(path);
        let mut fields = vec![("token", &*token), ("id", id), ("step", "record"), ("date", day)];
        fields.extend_from_slice(more);
        self.browser.post(path, &fields)
    }

    pub fn give(&mut self, id: &str, amount: &str) -> Option<(u16, String)> {
        self.give_on(&today(), id, amount)
    }

    pub fn give_on(&mut self, day: &str, id: &str, amount: &str) -> Option<(u16, String)> {
        let gift = [
            ("donor_type", "unknown"),
            ("amount", amount),
            ("method", "cash"),
            ("place", "cash"),
            ("fund", "chung"),
        ];
        self.slip_of(day, "/ban/phieu-thu", id, &gift)
    }

    /// Hands out 1 000 đồng to one family: a draft that waits for the chair.
    pub fn hand_out(&mut self, id: &str) -> Option<(u16, String)> {
        let handover = [
            ("programme", "tet"),
            ("line_name[]", FAMILY),
            ("line_category[]", "poor"),
            ("line_amount[]", "1000"),
            ("place", "cash"),
            ("fund", "chung"),
        ];
        self.slip("/ban/phieu-chi", id, &handover)
    }

    pub fn approve(&mut self, id: &str) -> Option<(u16, String)> {
        // The list has the form only while something waits.
        let path = "/ban/duyet";
        let token = match self.tokens.get(path) {
            Some(token) => token.clone(),
            None => {
                let token = self.browser.token(&format!("{path}/{id}"), path);
                self.tokens.insert(path.to_owned(), token.clone());
                token
            }
        };
        let fields = [("token", &*token), ("draft[]", id), ("passphrase", self.who.1)];
        self.browser.post(path, &fields)
    }

    /// Brings a statement of `count` gifts of one amount as far as its preview.
    pub fn bring(&mut self, name: &str, count: u64, amount: i64) -> Option<(u16, String)> {
        let mut file = String::from("Date,DocNo,Details,Credit\n");
        for line in 0..count {
            file.push_str(&format!("{},{name}-{line},ung ho,{amount}\n", today()));
        }
        let (start, edge) = ("/ban/nhap-tep", "----drill");
        let token = self.token(start);
        let mut body = String::new();
        for (field, value) in [("token", &*token), ("place", "ngan-hang"), ("fund", "chung")] {
            body.push_str(&format!(
                "--{edge}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!(
            "--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}.csv\"\
             \r\nContent-Type: text/csv\r\n\r\n{file}\r\n--{edge}--\r\n"
        ));
        let kind = format!("multipart/form-data; boundary={edge}");
        let (status, columns) = self.browser.send(start, &kind, body.as_bytes())?;
        if status != 303 {
            return Some((status, columns));
        }
        let (status, html) = self.asked(&columns)?;
        if status != 200 {
            return Some((status, html));
        }
        let mut fields: Vec<(&str, String)> = [
            "date",
            "time",
            "document",
            "reference",
            "text",
            "credit",
            "debit",
            "amount",
            "balance",
            "offset",
            "header_row",
            "dates",
            "amounts",
        ]
        .map(|name| (name, chosen(&html, name)))
        .into();
        let (_, form) = html.split_once(&format!("action=\"{columns}\""))?;
        fields.push(("token", value(form, "token").unwrap()));
        fields.push(("step", "next".to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.browser.post(&columns, &fields)
    }

    /// Drops the last of the unfinished statements that a page lists, the one begun first.
    fn drops_the_oldest(&mut self, html: &str) -> Option<()> {
        let listed = html.split("href=\"/ban/nhap-tep/").skip(1);
        let ids = listed.filter_map(|rest| rest.split(['/', '"', '?']).next());
        let id = ids.filter(|id| id.len() == 16).last().expect("an unfinished statement");
        let path = format!("/ban/nhap-tep/{id}");
        let (status, mut html) = self.asked(&path)?;
        if status == 303 {
            html = self.asked(&html)?.1;
        }
        let action = format!("{path}/bo");
        let (_, form) = html.split_once(&format!("action=\"{action}\""))?;
        let token = value(form, "token")?;
        let (status, to) = self.browser.post(&action, &[("token", &token)])?;
        assert_eq!(status, 303, "{to}");
        Some(())
    }

    /// Books a statement that was brought.
    pub fn book(&mut self, path: &str) -> Option<(u16, String)> {
        let (status, html) = self.asked(path)?;
        if status != 200 {
            return Some((status, html));
        }
        let (_, form) = html.split_once(&format!("action=\"{path}\" method=\"post\""))?;
        let (token, seen) = (value(form, "token")?, value(&html, "seen")?);
        let fields = [
            ("token", &*token),
            ("step", "record"),
            ("seen", &*seen),
            ("passphrase", self.who.1),
            ("days", "yes"),
        ];
        self.browser.post(path, &fields)
    }

    /// The same; a long one goes on behind its request, and is waited for.
    pub fn book_to_the_end(&mut self, path: &str) -> Option<(u16, String)> {
        let mut answer = self.book(path)?;
        while answer.0 == 303 && answer.1.ends_with("/dang-ghi") {
            std::thread::sleep(Duration::from_millis(100));
            let (status, said) = self.asked(&answer.1)?;
            answer = if status == 200 { answer } else { (status, said) };
        }
        Some(answer)
    }

    /// A page; `None` where no answer came.
    pub fn asked(&mut self, path: &str) -> Option<(u16, String)> {
        let cookies: Vec<String> =
            self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.browser.agent.get(format!("{}{path}", self.browser.base));
        let mut answer = request.header("Cookie", cookies.join("; ")).call().ok()?;
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let body = answer.body_mut().read_to_string().ok()?;
        Some((answer.status().as_u16(), to.unwrap_or(body)))
    }
}

/// Founds a chapter that owns something: a bank account, a programme, money in cash.
pub fn found(site: &Site) -> Crowd {
    let mut browser = stranger(&format!("http://{}", site.address()), Duration::from_secs(60));
    let token = browser.token("/thiet-lap", "/thiet-lap");
    // Yesterday is in the books on the first day of a month, too.
    let first = (chrono::Utc::now() - chrono::TimeDelta::days(40)).format("01/%m/%Y").to_string();
    let fields = [
        ("token", &*token),
        ("name", "Hội Chữ thập đỏ phường Xuân Tây"),
        ("slug", "xuan-tay"),
        ("books_from", &first),
        ("bank_name", "VietinBank"),
        ("bank_account", "101010101010"),
        ("treasurer_title", "Thủ quỹ"),
        ("treasurer_name", TREASURER.0),
        ("treasurer_pass", TREASURER.1),
        ("treasurer_again", TREASURER.1),
        ("chair_title", "Chủ tịch Hội"),
        ("chair_name", CHAIR.0),
        ("chair_pass", CHAIR.1),
        ("chair_again", CHAIR.1),
        ("third", "guardian"),
        ("third_title", "Hội cấp trên"),
    ];
    let (status, html) = browser.post("/thiet-lap", &fields).expect("an answer");
    assert_eq!(status, 200, "{html}");
    let mut crowd = Crowd::of(site);
    let programme =
        [("type", "tet"), ("name", "Tết vì người nghèo"), ("code", "tet"), ("note", "")];
    let said = crowd.treasurer.slip("/ban/mo-chuong-trinh", &new_id(), &programme).unwrap();
    assert_eq!(said.0, 303, "{}", said.1);
    let said = crowd.treasurer.give(&new_id(), "900000000").unwrap();
    assert_eq!(said.0, 303, "{}", said.1);
    // Every form was looked at once: nobody has to wait for its token later.
    let handover = new_id();
    for said in [crowd.treasurer.hand_out(&handover), crowd.chair.approve(&handover)] {
        let said = said.unwrap();
        assert_eq!(said.0, 303, "{}", said.1);
    }
    crowd.treasurer.token("/ban/nhap-tep");
    crowd.founding = site.entries().len();
    crowd
}

pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The entry that an answer leads to.
fn seq_of(to: &str) -> Option<u64> {
    to.split('?').next()?.rsplit('/').next()?.parse().ok()
}

/// What became of a handover.
#[derive(Clone, Copy, Debug, Default)]
struct Handover {
    laid: bool,
    approved: Option<u64>,
}

/// What became of a statement.
#[derive(Clone, Debug, Default)]
struct Statement {
    lines: u64,
    /// Its preview, once it was brought.
    path: Option<String>,
    /// Whether it was said that it is booked.
    booked: bool,
}

/// The people of a chapter, and all that was ever sent and said.
pub struct Crowd {
    pub treasurer: Person,
    pub chair: Person,
    founding: usize,
    gifts: Mutex<BTreeMap<String, Option<u64>>>,
    handovers: Mutex<BTreeMap<String, Handover>>,
    /// By the amount that all lines of a file have.
    files: Mutex<BTreeMap<i64, Statement>>,
    over: AtomicBool,
    pub said: AtomicU64,
    pub turned_away: AtomicU64,
    /// Of these, who was told that the disk is full.
    pub told_full: AtomicU64,
}

impl Crowd {
    fn of(site: &Site) -> Self {
        Self {
            treasurer: Person::signed_in(site, TREASURER),
            chair: Person::signed_in(site, CHAIR),
            founding: 0,
            gifts: Mutex::default(),
            handovers: Mutex::default(),
            files: Mutex::default(),
            over: AtomicBool::new(false),
            said: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
            told_full: AtomicU64::new(0),
        }
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    /// Notes an answer; `true` where it was a yes. Anything but a yes or a clear 503 is a fault.
    fn hear(&self, what: &str, (status, to): &(u16, String)) -> bool {
        if *status == 303 {
            self.said.fetch_add(1, Ordering::SeqCst);
            return true;
        }
        // Passphrases that were being tried when the server died count as wrong ones.
        let waits = *status == 422 && to.contains("Đã thử nhiều lần");
        let is_passing = *status == 503 && to.contains("<title>");
        assert!(waits || is_passing, "{what}: {status}: {}", words(to));
        self.turned_away.fetch_add(1, Ordering::SeqCst);
        if to.contains("Ổ đĩa") {
            self.told_full.fetch_add(1, Ordering::SeqCst);
        }
        std::thread::sleep(Duration::from_millis(30));
        false
    }

    /// Gifts, one after another, until it is over or no answer comes.
    fn gives(&self, mut person: Person) {
        while !self.is_over() {
            let id = new_id();
            self.gifts.lock().unwrap().insert(id.clone(), None);
            while !self.is_over() {
                let Some(answer) = person.give(&id, "1000") else { return };
                if self.hear("a gift", &answer) {
                    self.gifts.lock().unwrap().insert(id, seq_of(&answer.1));
                    break;
                }
            }
        }
    }

    fn hands_out(&self, mut person: Person) {
        let wait = |own: &Handover| own.approved.is_none();
        while !self.is_over() {
            // One passphrase for each approval: the chair is slower than everybody else.
            if self.handovers.lock().unwrap().values().filter(|own| wait(own)).count() > 6 {
                std::thread::sleep(Duration::from_millis(20));
                continue;
            }
            let id = new_id();
            self.handovers.lock().unwrap().insert(id.clone(), Handover::default());
            while !self.is_over() {
                let Some(answer) = person.hand_out(&id) else { return };
                if self.hear("a handover", &answer) {
                    self.handovers.lock().unwrap().get_mut(&id).unwrap().laid = true;
                    break;
                }
            }
        }
    }

    fn approves(&self, mut person: Person) {
        while !self.is_over() {
            let waits = self
                .handovers
                .lock()
                .unwrap()
                .iter()
                .find_map(|(id, own)| (own.laid && own.approved.is_none()).then(|| id.clone()));
            let Some(id) = waits else {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            };
            let Some(answer) = person.approve(&id) else { return };
            if self.hear("an approval", &answer) {
                self.handovers.lock().unwrap().get_mut(&id).unwrap().approved = seq_of(&answer.1);
            }
        }
    }

    fn imports(&self, mut person: Person, lines: u64) {
        while !self.is_over() {
            // One that was cut off is gone on with.
            let left = self.files.lock().unwrap().iter().find_map(|(amount, own)| {
                own.path.clone().filter(|_| !own.booked).map(|path| (*amount, path))
            });
            let Some((amount, path)) = left.or_else(|| self.brings(&mut person, lines)) else {
                return;
            };
            while !self.is_over() {
                let Some(answer) = person.book_to_the_end(&path) else { return };
                if self.hear("booking", &answer) {
                    assert!(answer.1.ends_with("/xong"), "{}", answer.1);
                    self.files.lock().unwrap().get_mut(&amount).unwrap().booked = true;
                    break;
                }
            }
        }
    }

    /// Brings a new statement as far as its preview: amount and path; nothing when it is over or no
    /// answer comes.
    fn brings(&self, person: &mut Person, lines: u64) -> Option<(i64, String)> {
        let amount = 5_000 + i64::try_from(self.files.lock().unwrap().len()).unwrap();
        let file = Statement { lines, ..Statement::default() };
        self.files.lock().unwrap().insert(amount, file);
        while !self.is_over() {
            let answer = person.bring(&format!("S{amount}"), lines, amount)?;
            if answer.0 == 422 {
                // So many were cut off on their way that there is no room for one more.
                person.drops_the_oldest(&answer.1)?;
            } else if self.hear("a statement", &answer) {
                let mut files = self.files.lock().unwrap();
                files.get_mut(&amount).unwrap().path = Some(answer.1.clone());
                return Some((amount, answer.1));
            }
        }
        None
    }

    /// Everybody works until `until` says that it is enough; what that says.
    pub fn works<T>(&self, lines: u64, until: impl FnOnce() -> T) -> T {
        self.over.store(false, Ordering::SeqCst);
        let (treasurer, chair) = (self.treasurer.anew(), self.chair.anew());
        std::thread::scope(|threads| {
            for _ in 0..3 {
                threads.spawn(|| self.gives(treasurer.clone()));
            }
            threads.spawn(|| self.hands_out(treasurer.clone()));
            threads.spawn(|| self.approves(chair.clone()));
            if lines > 0 {
                threads.spawn(|| self.imports(treasurer.clone(), lines));
            }
            let said = until();
            self.over.store(true, Ordering::SeqCst);
            said
        })
    }

    /// Everybody sends again what they got no answer to; then all that was said has to be there
    /// once, nothing else and nothing half, and the balances are those of the entries.
    pub fn settles(&mut self, site: &Site) -> u64 {
        let before: BTreeMap<String, u64> = site.entries().iter().map(id_and_seq).collect();
        self.treasurer = self.treasurer.anew();
        self.chair = self.chair.anew();
        for (id, said) in self.gifts.get_mut().unwrap().iter_mut() {
            if said.is_none() {
                let (status, to) = self.treasurer.give(id, "1000").unwrap();
                assert_eq!(status, 303, "a gift again: {to}");
                *said = seq_of(&to);
                let was = before.get(id);
                assert!(was.is_none() || was == said.as_ref(), "{id} moved: {was:?} {said:?}");
            }
        }
        for (id, own) in self.handovers.get_mut().unwrap().iter_mut() {
            if own.approved.is_some() {
                continue;
            }
            let (status, to) = self.treasurer.hand_out(id).unwrap();
            assert_eq!(status, 303, "a handover again: {to}");
            own.laid = true;
            if let Some(seq) = before.get(id) {
                // Its approval was recorded, and the answer lost.
                own.approved = Some(*seq);
            }
        }
        let entries = site.entries();
        self.holds(&entries);
        self.adds_up(site, &entries);
        entries.len() as u64
    }

    /// Files that somebody booked by hand: the amount of their lines, and how many.
    pub fn files_are(&mut self, booked: &[(i64, u64)]) {
        let file = |lines: u64| Statement { lines, path: None, booked: true };
        let files = booked.iter().map(|(amount, lines)| (*amount, file(*lines)));
        self.files.get_mut().unwrap().extend(files);
    }

    /// [`Crowd::settles`] where somebody recorded so many gifts more, by hand.
    pub fn settles_with(&mut self, site: &Site, more: usize) -> u64 {
        let entries = site.entries();
        assert_eq!(entries.len(), self.founding + more);
        self.founding = entries.len();
        self.settles(site)
    }

    /// What was said is there, once; nothing is there that was not sent.
    fn holds(&mut self, entries: &[Value]) {
        let all: BTreeMap<String, u64> = entries.iter().map(id_and_seq).collect();
        assert_eq!(all.len(), entries.len(), "an identifier stands twice");
        let mut known = BTreeSet::new();
        for (id, said) in self.gifts.get_mut().unwrap() {
            assert_eq!(all.get(id), said.as_ref(), "the gift {id}");
            known.insert(id.clone());
        }
        for (id, own) in self.handovers.get_mut().unwrap() {
            assert_eq!(all.get(id).copied(), own.approved, "the handover {id}");
            known.insert(id.clone());
        }
        let mut booked: BTreeMap<i64, u64> = BTreeMap::new();
        for entry in entries.iter().skip(self.founding) {
            let voucher = &entry["voucher"];
            if !known.contains(voucher["id"].as_str().unwrap()) {
                assert_eq!(voucher["place"], "ngan-hang", "nobody sent this: {voucher}");
                *booked.entry(voucher["amount"].as_i64().unwrap()).or_default() += 1;
            }
        }
        for (amount, file) in self.files.get_mut().unwrap() {
            let there = booked.remove(amount).unwrap_or_default();
            let is_nothing = there == 0 && !file.booked;
            assert!(there == file.lines || is_nothing, "{there} lines of {file:?}");
        }
        assert!(booked.is_empty(), "lines of no file: {booked:?}");
    }

    /// The balances that the site shows are the sums of the entries.
    fn adds_up(&self, site: &Site, entries: &[Value]) {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::from([("cash", 0), ("ngan-hang", 0)]);
        for entry in entries {
            let voucher = &entry["voucher"];
            let Some(place) = voucher["place"].as_str() else { continue };
            let sum = sums.get_mut(place).unwrap();
            match voucher["kind"].as_str().unwrap() {
                "donation" => *sum += voucher["amount"].as_i64().unwrap(),
                "aid_paid" => {
                    let lines = voucher["lines"].as_array().unwrap();
                    *sum -= lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum::<i64>();
                }
                kind => panic!("nobody recorded a {kind}"),
            }
        }
        let (status, said) = site.page("/api/v1/chapters/xuan-tay");
        assert_eq!(status, 200, "{said}");
        let chapter: Value = serde_json::from_str(&said).unwrap();
        for place in chapter["places"].as_array().unwrap() {
            let sum = sums[place["code"].as_str().unwrap()];
            assert_eq!(place["balance"], sum, "{place} is not the sum of the entries");
        }
        assert_eq!(chapter["size"], entries.len());
    }
}

fn id_and_seq(entry: &Value) -> (String, u64) {
    (entry["voucher"]["id"].as_str().unwrap().to_owned(), entry["seq"].as_u64().unwrap())
}

/// No 5xx but 503, and no name of a family, in a log.
pub fn holds_no_secret(log: &str) {
    for secret in [FAMILY, "Bí Mật", TREASURER.1, CHAIR.1] {
        assert!(!log.contains(secret), "{secret} stands in the log");
    }
    assert!(!log.contains("panicked"), "{log}");
}
