use core::fmt;

/// Says where a written code leaves its form, and what should have stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Which kind of text was read, such as `real estate unit number`.
    pub what: &'static str,
    /// Position of the first wrong character, counted from 1.
    pub position: usize,
    /// What the form asks for at that position.
    pub expected: &'static str,
    /// What stands there; `None` when the text ended before it.
    pub found: Option<char>,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: position {} must be {}, but ", self.what, self.position, self.expected)?;
        match self.found {
            Some(found) => write!(f, "it is {found:?}"),
            None => write!(f, "the text ends before it"),
        }
    }
}

impl core::error::Error for Malformed {}

/// Reads a text of fixed length character by character and remembers the position.
pub(crate) struct Reader<'text> {
    what: &'static str,
    rest: core::str::Chars<'text>,
    position: usize,
}

impl<'text> Reader<'text> {
    pub(crate) fn new(what: &'static str, text: &'text str) -> Self {
        Self { what, rest: text.chars(), position: 0 }
    }

    /// Takes the next character through `read`, or says what was expected.
    pub(crate) fn take<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(char) -> Option<T>,
    ) -> Result<T, Malformed> {
        self.position += 1;
        let found = self.rest.next();
        found.and_then(read).ok_or(Malformed { what: self.what, position: self.position, expected, found })
    }

    /// Takes `N` ASCII digits.
    pub(crate) fn digits<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let mut out = [b'0'; N];
        for slot in &mut out {
            *slot = self.take("a digit", |found| u8::try_from(found).ok().filter(u8::is_ascii_digit))?;
        }
        Ok(out)
    }

    /// Requires the end of the text.
    pub(crate) fn end(mut self, expected: &'static str) -> Result<(), Malformed> {
        match self.rest.next() {
            None => Ok(()),
            found => Err(Malformed { what: self.what, position: self.position + 1, expected, found }),
        }
    }
}
