//! Whether a regular expression can take time exponential in the text (`metavariable-analysis` with `redos`).
//!
//! A repetition of something that is itself a repetition can be cut up in many ways, and a backtracking engine
//! tries all of them when what follows does not match.

/// Groups in groups that are followed.
const MAX_DEPTH: usize = 32;

/// Whether the expression repeats a repetition.
pub(super) fn is_vulnerable(pattern: &str) -> bool {
    let mut parser = Parser { chars: pattern.chars().collect(), at: 0, vulnerable: false };
    parser.alternatives(0);
    parser.vulnerable
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    vulnerable: bool,
}

/// What one part of a sequence can be.
#[derive(Clone, Copy)]
struct Part {
    /// It can match nothing.
    nullable: bool,
    /// It can be any number of the same, and is nothing else.
    repeated: bool,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// The alternatives up to the closing parenthesis.
    fn alternatives(&mut self, depth: usize) -> Part {
        let mut whole = Part { nullable: false, repeated: false };
        loop {
            let part = self.sequence(depth);
            whole.nullable |= part.nullable;
            whole.repeated |= part.repeated;
            match self.peek() {
                Some('|') => self.at += 1,
                _ => return whole,
            }
        }
    }

    fn sequence(&mut self, depth: usize) -> Part {
        let mut nullable = true;
        let (mut repeated, mut needed) = (0, 0);
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            if matches!(c, '^' | '$') {
                self.at += 1;
                continue;
            }
            let part = self.item(depth);
            nullable &= part.nullable;
            repeated += usize::from(part.repeated);
            needed += usize::from(!part.nullable && !part.repeated);
        }
        Part { nullable, repeated: repeated > 0 && needed == 0 }
    }

    fn item(&mut self, depth: usize) -> Part {
        let mut part = Part { nullable: false, repeated: false };
        match self.peek() {
            Some('(') => {
                self.at += 1;
                let mut looks = false;
                if self.peek() == Some('?') {
                    let rest: String = self.chars[self.at..].iter().take(3).collect();
                    looks = rest.starts_with("?=")
                        || rest.starts_with("?!")
                        || rest.starts_with("?<=")
                        || rest.starts_with("?<!");
                    let atomic = rest.starts_with("?>");
                    while self.peek().is_some_and(|c| !matches!(c, ':' | '>' | '=' | '!' | ')')) {
                        self.at += 1;
                    }
                    if self.peek().is_some_and(|c| c != ')') {
                        self.at += 1;
                    }
                    if atomic {
                        self.skip_group();
                        return part;
                    }
                }
                if depth >= MAX_DEPTH {
                    self.skip_group();
                    return part;
                }
                part = self.alternatives(depth + 1);
                self.at += 1;
                if looks {
                    return Part { nullable: true, repeated: false };
                }
            }
            Some('[') => self.class(),
            Some('\\') => self.at += 2,
            _ => self.at += 1,
        }
        self.quantified(part)
    }

    fn skip_group(&mut self) {
        let mut open = 1;
        while let Some(c) = self.peek() {
            self.at += if c == '\\' { 2 } else { 1 };
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    fn class(&mut self) {
        self.at += 1;
        if self.peek() == Some('^') {
            self.at += 1;
        }
        if self.peek() == Some(']') {
            self.at += 1;
        }
        while let Some(c) = self.peek() {
            self.at += if c == '\\' { 2 } else { 1 };
            if c == ']' {
                return;
            }
        }
    }

    fn quantified(&mut self, part: Part) -> Part {
        let (least_zero, unbounded) = match self.peek() {
            Some('*') => (true, true),
            Some('+') => (false, true),
            Some('?') => (true, false),
            Some('{') => {
                let end = self.chars[self.at..].iter().position(|c| *c == '}');
                let Some(end) = end else { return part };
                let inner: String = self.chars[self.at + 1..self.at + end].iter().collect();
                if !inner.starts_with(|c: char| c.is_ascii_digit() || c == ',') {
                    return part;
                }
                self.at += end;
                (inner.starts_with('0') || inner.starts_with(','), inner.ends_with(','))
            }
            _ => return part,
        };
        self.at += 1;
        let possessive = self.peek() == Some('+');
        if possessive || self.peek() == Some('?') {
            self.at += 1;
        }
        if possessive {
            return Part { nullable: part.nullable || least_zero, repeated: false };
        }
        if unbounded && part.repeated {
            self.vulnerable = true;
        }
        Part { nullable: part.nullable || least_zero, repeated: part.repeated || unbounded }
    }
}

#[cfg(test)]
mod tests {
    use super::is_vulnerable;

    #[test]
    fn repeated_repetitions_are_found() {
        for bad in
            ["(a+)+$", "((honk )+)+$", r"^(([\-.]|[_]+)?([a-z]+))*@", "([a-zA-Z]+)*", "(a|b+)*c", "(.*a?)*$"]
        {
            assert!(is_vulnerable(bad), "{bad}");
        }
        for good in ["hello+", "((honk )+)++$", "(ab+)*", "[a+]+", r"\(a+\)+", "(a{2})+", "^([a-z]+,)*$"] {
            assert!(!is_vulnerable(good), "{good}");
        }
    }
}
