//! A small HTTP/1.1 client that keeps its connection: the load generator of this report.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Lines of the head, names in lower case.
    pub head: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// A line of the head.
    pub fn line(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One connection.
pub struct Client {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Connects.
    pub fn new(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self { address: address.to_owned(), stream: BufReader::new(stream) })
    }

    /// Asks for a page, with more lines of the head (each ended by CRLF).
    pub fn get(&mut self, path: &str, lines: &str) -> std::io::Result<Answer> {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.address))
    }

    /// Sends a form.
    pub fn post(&mut self, path: &str, lines: &str, form: &str) -> std::io::Result<Answer> {
        let (host, length) = (&self.address, form.len());
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\
             {lines}\r\n{form}"
        ))
    }

    fn send(&mut self, request: &str) -> std::io::Result<Answer> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.read_line()?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let mut head = Vec::new();
        loop {
            let line = self.read_line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            head.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, head, body: Vec::new() };
        if answer.line("transfer-encoding").is_some() {
            self.read_chunks(&mut answer.body)?;
        } else {
            let length = answer.line("content-length").and_then(|length| length.parse().ok());
            answer.body = vec![0; length.unwrap_or(0)];
            self.stream.read_exact(&mut answer.body)?;
        }
        Ok(answer)
    }

    fn read_line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn read_chunks(&mut self, body: &mut Vec<u8>) -> std::io::Result<()> {
        loop {
            let length = usize::from_str_radix(&self.read_line()?, 16).unwrap_or(0);
            let begun = body.len();
            body.resize(begun + length, 0);
            self.stream.read_exact(&mut body[begun..])?;
            self.read_line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }
}

/// One page over a connection of its own.
pub fn get(address: &str, path: &str) -> std::io::Result<Answer> {
    Client::new(address)?.get(path, "")
}

/// How fast a page is answered.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Answers a second.
    pub rate: f64,
    /// The time within which 99 of 100 were answered, in milliseconds.
    pub p99: f64,
}

/// Asks for a page over so many connections for a while. Every answer has the wanted status.
pub fn load(
    address: &str,
    (path, lines, status): (&str, &str, u16),
    connections: usize,
    during: Duration,
) -> Result<Load, String> {
    let begun = Instant::now();
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|_| {
                scope.spawn(move || -> Result<Vec<f64>, String> {
                    let failed = |fault: std::io::Error| format!("{path}: {fault}");
                    let mut client = Client::new(address).map_err(failed)?;
                    let mut times = Vec::new();
                    while begun.elapsed() < during {
                        let asked = Instant::now();
                        let answer = client.get(path, lines).map_err(failed)?;
                        if answer.status != status {
                            return Err(format!("{path}: status {}", answer.status));
                        }
                        times.push(asked.elapsed().as_secs_f64() * 1e3);
                    }
                    Ok(times)
                })
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|times| times.map_err(|_| "a client ended in panic".to_owned())?)
            .collect::<Result<Vec<_>, String>>()
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut times: Vec<f64> = all.into_iter().flatten().collect();
    times.sort_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    Ok(Load { rate: times.len() as f64 / seconds, p99 })
}
