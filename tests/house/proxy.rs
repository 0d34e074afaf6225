//! A door in front of a PostgreSQL server that a test can shut, and in which an answer can be lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

    /// How many answers are still to be lost.
    pub fn to_lose(&self) -> usize {
        self.state.lose.load(Ordering::SeqCst)
    }
}

/// Passes bytes both ways until one side ends, the door is shut, or an answer is lost.
async fn pass(mut client: TcpStream, server: String, state: Arc<State>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                let commit = up[..length].windows(7).any(|word| word == b"COMMIT\0");
                if server.write_all(&up[..length]).await.is_err() {
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
