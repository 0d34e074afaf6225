//! A witness of few words on the loopback, that answers as a test tells it to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use minhbach::ledger::keys::SigningKey;
use minhbach::ledger::note::{Checkpoint, Judgement, Submission, cosign};

/// Status, type and body.
pub type Answer = (u16, &'static str, String);

/// What decides an answer.
pub type Answers = Box<dyn FnMut(&str, &str) -> Answer + Send>;

/// The witness.
pub struct Witness {
    address: SocketAddr,
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

impl Witness {
    /// Answers each request, of which it gets the path and the body.
    pub fn new(answer: impl FnMut(&str, &str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let answers: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Box::new(answer)));
        let asked = Arc::<Mutex<Vec<_>>>::default();
        let (address, own, noted) =
            (listener.local_addr().unwrap(), answers.clone(), asked.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = serve(stream, &own, &noted);
            }
        });
        Self { address, answers, asked }
    }

    /// One that keeps to the protocol: `add-checkpoint` alone.
    pub fn honest(key: SigningKey, time: u64) -> Self {
        Self::new(honest(key, time))
    }

    /// Answers in another way from now on.
    pub fn answers(&self, answer: impl FnMut(&str, &str) -> Answer + Send + 'static) {
        *self.answers.lock().unwrap() = Box::new(answer);
    }

    /// The submission prefix.
    pub fn url(&self) -> String {
        format!("http://{}/w", self.address)
    }

    /// Path and body of every request so far.
    pub fn asked(&self) -> Vec<(String, String)> {
        self.asked.lock().unwrap().clone()
    }
}

/// What a witness by the book answers.
pub fn honest(key: SigningKey, time: u64) -> impl FnMut(&str, &str) -> Answer + Send + 'static {
    let mut held: Option<Checkpoint> = None;
    move |path, body| {
        if path != "/w/add-checkpoint" {
            return (404, "text/plain", String::new());
        }
        let submission = Submission::parse(body.as_bytes()).unwrap();
        match submission.judge(held.as_ref()) {
            Judgement::Fits => {
                let head = submission.checkpoint.checkpoint().clone();
                let line = cosign(&head, &key, time).unwrap();
                held = Some(head);
                (200, "text/plain", format!("{line}\n"))
            }
            Judgement::Known(size) => (409, "text/x.tlog.size", format!("{size}\n")),
            Judgement::Misfit => (422, "text/plain", "misfit\n".to_owned()),
        }
    }
}

fn serve(
    stream: TcpStream,
    answers: &Mutex<Answers>,
    asked: &Mutex<Vec<(String, String)>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    let path = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let lower = header.to_ascii_lowercase();
        if let Some(number) = lower.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        if header.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8(body).unwrap();
    let (status, kind, text) = (answers.lock().unwrap())(&path, &body);
    asked.lock().unwrap().push((path, body));
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{text}",
        text.len()
    )
}
