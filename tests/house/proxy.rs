//! A door in front of a PostgreSQL server that a test can shut, in which an answer can be lost, and
//! which can cut a connection at any message of a transaction.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rocket::tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use rocket::tokio::net::{TcpListener, TcpStream};

/// The door.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    shut: AtomicBool,
    lose: AtomicUsize,
    cut: Mutex<Option<Cut>>,
}

/// Where transactions are cut, and how many of them still.
#[derive(Clone, Copy)]
struct Cut {
    at: usize,
    heard: bool,
    left: usize,
}

impl Proxy {
    /// A door to the server at `host:port`.
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, state) = (listener.local_addr().unwrap(), Arc::<State>::default());
        let (server, shared) = (server.to_owned(), state.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !shared.shut.load(Ordering::SeqCst) {
                    tokio::spawn(pass(client, server.clone(), shared.clone()));
                }
            }
        });
        Self { address, state }
    }

    /// `host:port` of the door.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Breaks all connections and takes no new ones, or takes them again.
    pub fn shut(&self, shut: bool) {
        self.state.shut.store(shut, Ordering::SeqCst);
    }

    /// The answers to the next `number` commits are lost, with their connections.
    pub fn lose_answers(&self, number: usize) {
        self.state.lose.store(number, Ordering::SeqCst);
    }

    /// Cuts the next `times` transactions at their message `at` (0 is BEGIN): before the server
    /// gets it or, where it is `heard`, after it answered and before anybody hears that.
    pub fn cut(&self, at: usize, heard: bool, times: usize) {
        *self.state.cut.lock().unwrap() = Some(Cut { at, heard, left: times });
    }

    /// How many transactions are still to be cut; cuts no more from now on.
    pub fn not_cut(&self) -> usize {
        self.state.cut.lock().unwrap().take().map_or(0, |cut| cut.left)
    }

    /// How many answers are still to be lost.
    pub fn to_lose(&self) -> usize {
        self.state.lose.load(Ordering::SeqCst)
    }
}

impl State {
    /// Whether the message of this number is the last of its connection, and then whether it is
    /// still heard.
    fn cuts(&self, at: usize) -> Option<bool> {
        let mut cut = self.cut.lock().unwrap();
        let cut = cut.as_mut().filter(|cut| cut.at == at && cut.left > 0)?;
        cut.left -= 1;
        Some(cut.heard)
    }
}

/// Passes bytes both ways until one side ends, the door is shut, or an answer is lost.
async fn pass(mut client: TcpStream, server: String, state: Arc<State>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    // The number of the next message of a transaction, while there is one.
    let mut inside = None;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let says = |word: &[u8]| up[..length].windows(word.len()).any(|own| own == word);
                let commit = says(b"COMMIT\0");
                if says(b"BEGIN") {
                    inside = Some(0);
                }
                let cut = inside.and_then(|at| state.cuts(at));
                if cut == Some(false) {
                    return;
                }
                inside = match commit || says(b"ROLLBACK\0") {
                    true => None,
                    false => inside.map(|at| at + 1),
                };
                if server.write_all(&up[..length]).await.is_err() {
                    return;
                }
                if cut == Some(true) {
                    let _ = server.read(&mut down).await;
                    return;
                }
                let less = |left: usize| left.checked_sub(1);
                let order = Ordering::SeqCst;
                if commit && state.lose.fetch_update(order, order, less).is_ok() {
                    // The server has done it; nobody will hear.
                    let _ = server.read(&mut down).await;
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                if client.write_all(&down[..length]).await.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
        if state.shut.load(Ordering::SeqCst) {
            return;
        }
    }
}
