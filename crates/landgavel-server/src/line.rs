//! A connection whose writing side can be lent to a body: the HTTP library writes, until a body asks for the line and
//! everything written before is out; then the body's pieces go to the socket past the library, until it is given back.
//!
//! What this rests on: the library flushes a connection only when its own buffer is empty, and writes nothing while a body
//! that waits has nothing for it. If it ever writes while the line is lent, that is an error that ends the connection, and
//! never bytes in the middle of a piece. `docs/adr/0039-frames-past-the-library.md` tells why.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// These bytes as a piece of a body whose length is not known before (RFC 9112, section 7.1). Nothing stays nothing: a
/// piece of no bytes would end the body.
pub(crate) fn chunk(bytes: &str) -> Bytes {
    if bytes.is_empty() { Bytes::new() } else { Bytes::from(format!("{:X}\r\n{bytes}\r\n", bytes.len())) }
}

/// A connection, as the HTTP library has it.
pub(crate) struct Line(Arc<Socket>);

/// What can ask for a line; in the extensions of its requests.
#[derive(Clone)]
pub(crate) struct Lender(Arc<Socket>);

/// A line that is lent, or asked for. Dropped before it is given back, it takes the connection with it.
pub(crate) struct Loan {
    socket: Arc<Socket>,
    number: u64,
}

/// A loan for whoever sends the same to many. It keeps no connection open.
pub(crate) struct Share {
    socket: Weak<Socket>,
    number: u64,
}

struct Socket {
    stream: TcpStream,
    turn: Mutex<Turn>,
}

struct Turn {
    holder: Holder,
    /// Loans so far: a share of an earlier one is worth nothing.
    loans: u64,
    /// The number of the newest piece that was begun.
    shown: u64,
    /// The connection's task.
    waker: Option<Waker>,
}

/// Who may write.
enum Holder {
    Library,
    /// The library, until what it has written is out.
    Asked,
    /// Whoever has a share.
    Shared,
    /// The loan alone: the rest of a piece that was begun, then what is newest.
    Behind(Bytes),
    Nobody,
}

impl Line {
    pub fn new(stream: TcpStream) -> Self {
        let turn = Mutex::new(Turn { holder: Holder::Library, loans: 0, shown: 0, waker: None });
        Self(Arc::new(Socket { stream, turn }))
    }

    pub fn lender(&self) -> Lender {
        Lender(Arc::clone(&self.0))
    }

    fn poll_write_by(
        &self,
        context: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        if !matches!(self.0.turn().holder, Holder::Library | Holder::Asked) {
            return Poll::Ready(Err(io::Error::other("a bug: the HTTP library writes to a line that is lent")));
        }
        loop {
            ready!(self.0.stream.poll_write_ready(context))?;
            match write(&self.0.stream) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.stream.poll_read_ready(context))?;
            match self.0.stream.try_read_buf(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map(|_| ())),
            }
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_by(context, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_by(context, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// The library has nothing more to write: whoever asked for the line has it.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut turn = self.0.turn();
        if matches!(turn.holder, Holder::Asked) {
            turn.holder = Holder::Behind(Bytes::new());
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    /// Dropping the line, which follows, closes both its sides.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Lender {
    /// Asks for the line; `shown` is the number of the piece that goes before, by way of the library. Nothing when it
    /// is lent already.
    pub fn ask(&self, shown: u64) -> Option<Loan> {
        let mut turn = self.0.turn();
        if !matches!(turn.holder, Holder::Library) {
            return None;
        }
        turn.holder = Holder::Asked;
        turn.loans += 1;
        turn.shown = shown;
        Some(Loan { socket: Arc::clone(&self.0), number: turn.loans })
    }
}

impl Loan {
    pub fn share(&self) -> Share {
        Share { socket: Arc::downgrade(&self.socket), number: self.number }
    }

    /// Does what a share cannot, since it never waits: finishes a piece that the socket did not take whole, then sends
    /// the newest one that `newest` gives with its number. Ready when the line has been given back in good order, which
    /// is when `is_ending` and no piece is half out; and when it is broken.
    ///
    /// A share that sends a piece before this looks at `newest` finds the line behind, one that sends it later finds it
    /// shared: both hold the turn, so none is missed. To that end, take the share before the first call.
    pub fn poll(
        &self,
        context: &mut Context<'_>,
        newest: impl Fn() -> (u64, Bytes),
        is_ending: bool,
    ) -> Poll<io::Result<()>> {
        let mut turn = self.socket.turn();
        let Turn { holder, shown, waker, .. } = &mut *turn;
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
        loop {
            let rest = match holder {
                Holder::Library => return Poll::Ready(Ok(())),
                Holder::Asked | Holder::Shared if is_ending => {
                    *holder = Holder::Library;
                    continue;
                }
                Holder::Asked | Holder::Shared => return Poll::Pending,
                Holder::Behind(rest) => rest,
                Holder::Nobody => return Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
            };
            if is_ending {
                *holder = if rest.is_empty() { Holder::Library } else { Holder::Nobody };
                continue;
            }
            if rest.is_empty() {
                let (number, bytes) = newest();
                if number <= *shown || bytes.is_empty() {
                    *holder = Holder::Shared;
                    continue;
                }
                (*shown, *rest) = (number, bytes);
            }
            ready!(self.socket.stream.poll_write_ready(context))?;
            match self.socket.stream.try_write(rest) {
                Ok(count) => drop(rest.split_to(count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => *holder = Holder::Nobody,
            }
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let mut turn = self.socket.turn();
        turn.waker = None;
        turn.holder = match turn.holder {
            Holder::Library | Holder::Asked => Holder::Library,
            Holder::Shared | Holder::Behind(_) | Holder::Nobody => Holder::Nobody,
        };
    }
}

impl Share {
    /// Sends a piece if it can go now and is newer than what was shown; one without a number is newer than all. What the
    /// socket does not take is left to the loan, which skips to the newest. Says whether there will be a use for further
    /// pieces.
    pub fn send(&self, bytes: &Bytes, number: Option<u64>) -> bool {
        self.with(|stream, turn| {
            let is_shared = matches!(turn.holder, Holder::Shared);
            if !is_shared || number.is_some_and(|number| number <= turn.shown) {
                return;
            }
            turn.holder = match stream.try_write(bytes) {
                // Nothing of it is out: by the time that there is room, another may be the newest.
                Err(error) if error.kind() == ErrorKind::WouldBlock => Holder::Behind(Bytes::new()),
                Err(_) => Holder::Nobody,
                Ok(count) => {
                    turn.shown = number.unwrap_or(turn.shown);
                    if count == bytes.len() {
                        return;
                    }
                    Holder::Behind(bytes.slice(count..))
                }
            };
            turn.wake();
        })
    }

    /// Whether the line is still lent.
    fn with(&self, act: impl FnOnce(&TcpStream, &mut Turn)) -> bool {
        let Some(socket) = self.socket.upgrade() else { return false };
        let mut turn = socket.turn();
        let is_lent = turn.loans == self.number && !matches!(turn.holder, Holder::Library | Holder::Nobody);
        if is_lent {
            act(&socket.stream, &mut turn);
        }
        is_lent
    }
}

impl Socket {
    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::{Context, Poll, Waker};

    use axum::body::Bytes;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::{Holder, Line};

    #[tokio::test]
    async fn the_library_cannot_write_while_the_line_is_lent() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut line = Line::new(listener.accept().await.unwrap().0);
        let mut context = Context::from_waker(Waker::noop());
        let piece = Bytes::from_static(b"1\r\nx\r\n");
        let newest = || (0, Bytes::new());

        let loan = line.lender().ask(0).unwrap();
        let share = loan.share();
        assert!(line.lender().ask(0).is_none());
        // Asked for, it is the library's until it has flushed.
        assert!(loan.poll(&mut context, newest, false).is_pending() && share.send(&piece, None));
        line.write_all(b"head").await.unwrap();
        line.flush().await.unwrap();
        assert!(loan.poll(&mut context, newest, false).is_pending() && share.send(&piece, None));
        assert!(line.write_all(b"more").await.is_err());
        assert!(matches!(loan.poll(&mut context, newest, true), Poll::Ready(Ok(()))));
        assert!(!share.send(&piece, None));
        line.write_all(b"end").await.unwrap();

        // A share of a loan that is over is worth nothing while another is on its way.
        drop(loan);
        let loan = line.lender().ask(0).unwrap();
        line.flush().await.unwrap();
        assert!(loan.poll(&mut context, newest, false).is_pending());
        assert!(!share.send(&piece, None) && loan.share().send(&piece, None));

        // A loan that is dropped takes the line with it.
        drop(loan);
        assert!(line.write_all(b"more").await.is_err());
    }

    #[tokio::test]
    async fn what_is_not_taken_whole_is_finished_before_the_newest_goes_and_broken_off_by_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let mut line = Line::new(listener.accept().await.unwrap().0);
        let loan = line.lender().ask(0).unwrap();
        let share = loan.share();
        line.flush().await.unwrap();
        let lend = async |number: u64, bytes: &Bytes, is_ending| {
            poll_fn(|context| match loan.poll(context, || (number, bytes.clone()), is_ending) {
                Poll::Pending if !matches!(loan.socket.turn().holder, Holder::Shared) => Poll::Pending,
                now => Poll::Ready(now),
            })
            .await
        };
        let nothing = Bytes::new();
        assert!(lend(0, &nothing, false).await.is_pending());

        // More than the system holds; the next waits for its end, and the one after it takes its place.
        let pieces = [b"one", b"two", b"six"].map(|word| Bytes::from(word.repeat(8 << 20)));
        assert!(share.send(&pieces[0], Some(1)) && matches!(loan.socket.turn().holder, Holder::Behind(_)));
        assert!(share.send(&pieces[1], Some(2)));
        let mut read = vec![0; pieces[0].len() + pieces[2].len()];
        let (lent, taken) = tokio::join!(lend(3, &pieces[2], false), client.read_exact(&mut read));
        assert!(lent.is_pending() && taken.is_ok());
        assert!(read[..pieces[0].len()] == pieces[0] && read[pieces[0].len()..] == pieces[2]);

        // What was shown is not shown again.
        assert!(share.send(&pieces[1], Some(3)) && matches!(loan.socket.turn().holder, Holder::Shared));

        assert!(share.send(&pieces[1], Some(4)));
        assert!(matches!(lend(4, &nothing, true).await, Poll::Ready(Err(_))));
        assert!(!share.send(&pieces[1], Some(5)) && line.write_all(b"more").await.is_err());
    }
}
