//! Writing a pattern so that the grammar of its language accepts it: which code stands around it, and what each
//! metavariable and ellipsis is written as where an identifier will not do.

use std::ops::Range;

use super::holes::{Filled, Hole, PREFIX, hole_name};
use crate::language::{Frame, Language};
use crate::source::{ParseBudget, Source};
use crate::syntax::{Ast, lower};

/// Texts tried for one pattern before it is given up.
const ATTEMPTS: usize = 400;

/// A pattern that the grammar accepts.
pub(super) struct Accepted {
    pub ast: Ast,
    pub frame: Frame,
    /// The pattern in the text of `ast`, in bytes.
    pub inner: Range<usize>,
    pub holes: Vec<Hole>,
    /// Holes that are written as more than an identifier, in bytes of the text.
    pub boxes: Vec<(Range<usize>, usize)>,
}

/// A text with holes, cut at the holes.
struct Cut<'t> {
    /// What stands before each hole.
    pieces: Vec<(&'t str, usize)>,
    rest: &'t str,
}

impl<'t> Cut<'t> {
    fn new(text: &'t str) -> Cut<'t> {
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut from = 0;
        while let Some(at) = rest[from..].find(PREFIX).map(|at| from + at) {
            let digits = &rest[at + PREFIX.len()..];
            let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            match digits[..length].parse() {
                Ok(index) => {
                    pieces.push((&rest[..at], index));
                    rest = &digits[length..];
                    from = 0;
                }
                Err(_) => from = at + PREFIX.len(),
            }
        }
        Cut { pieces, rest }
    }
}

/// One way to write a pattern.
struct Rendered {
    text: String,
    inner: Range<usize>,
    boxes: Vec<(Range<usize>, usize)>,
}

pub(super) struct Renderer<'t> {
    language: Language,
    text: &'t str,
    holes: &'t [Hole],
    spellings: &'t [Option<&'static str>],
    attempts: usize,
    /// How a hole is written first, by its index.
    usual: Vec<Option<&'static str>>,
}

/// How far a text is from being accepted.
struct Rejected {
    errors: usize,
    /// 1-based, in the text.
    line: usize,
}

impl<'t> Renderer<'t> {
    pub fn new(language: Language, text: &'t str, filled: &'t Filled) -> Renderer<'t> {
        let holes: &'t [Hole] = &filled.holes;
        let usual = match language.definition().writing.between {
            Some(between) => holes
                .iter()
                .enumerate()
                .map(|(index, hole)| {
                    let dots = matches!(hole, Hole::Ellipsis | Hole::Metavars(_));
                    let (before, after) = text.split_once(&hole_name(index))?;
                    between(before, after, dots)
                })
                .collect(),
            None => Vec::new(),
        };
        Renderer { language, text, holes, spellings: &filled.spellings, attempts: 0, usual }
    }

    /// The first way to write the pattern that `fits`. The error is the 1-based line of the first syntax error.
    pub fn find<T>(&mut self, mut fits: impl FnMut(Accepted) -> Option<T>) -> Result<T, usize> {
        let writing = self.language.definition().writing;
        let first = writing.first_frame.and_then(|first| first(self.text));
        let complete = self.text.trim_end().ends_with(['}', ';']);
        let fits_text = |frame: &Frame| !(complete && frame.completion.contains('}'));
        let frames = first.into_iter().chain(writing.frames.iter().copied()).filter(fits_text);
        let mut line = None;
        let mut rejected = Vec::new();
        for frame in frames {
            let holes = self.holes_in(&frame);
            let choice = vec![0; holes.len()];
            match self.attempt(&frame, &holes, &choice) {
                Ok(accepted) => {
                    if let Some(found) = fits(accepted) {
                        return Ok(found);
                    }
                }
                Err(error) => {
                    let before = frame.before.matches('\n').count();
                    line = line.or(Some(error.line.saturating_sub(before).max(1)));
                    rejected.push((error.errors, frame));
                }
            }
        }
        if writing.names.len() + writing.dots.len() > 2 {
            rejected.sort_by_key(|(errors, _)| *errors);
            for (errors, frame) in rejected {
                if let Some(found) = self.improve(&frame, errors).and_then(&mut fits) {
                    return Ok(found);
                }
            }
        }
        Err(line.unwrap_or(1))
    }

    /// Writes all holes in another way, then one after the other, and keeps what leaves the fewest errors.
    fn improve(&mut self, frame: &Frame, mut errors: usize) -> Option<Accepted> {
        let holes = self.holes_in(frame);
        let mut choice = vec![0; holes.len()];
        let writing = self.language.definition().writing;
        for dots in 0..writing.dots.len() {
            for name in 0..writing.names.len() {
                let way = |hole: &Hole| match hole {
                    Hole::Ellipsis | Hole::Metavars(_) => dots,
                    Hole::Deep => 0,
                    Hole::Metavar(_) | Hole::Anything | Hole::Typed(..) | Hole::Regex(_) => name,
                };
                let ways: Vec<usize> = holes.iter().map(way).collect();
                match self.attempt(frame, &holes, &ways) {
                    Ok(accepted) => return Some(accepted),
                    Err(error) if error.errors < errors => (errors, choice) = (error.errors, ways),
                    Err(_) => {}
                }
            }
        }
        for _ in 0..2 {
            let before = errors;
            for hole in 0..holes.len() {
                for way in 0..self.ways(&holes, hole).len() {
                    let kept = std::mem::replace(&mut choice[hole], way);
                    if kept == way {
                        continue;
                    }
                    if self.attempts >= ATTEMPTS {
                        return None;
                    }
                    match self.attempt(frame, &holes, &choice) {
                        Ok(accepted) => return Some(accepted),
                        Err(error) if error.errors < errors => errors = error.errors,
                        Err(_) => choice[hole] = kept,
                    }
                }
            }
            if errors == before {
                return None;
            }
        }
        None
    }

    /// The holes of the pattern and of what completes it.
    fn holes_in(&self, frame: &Frame) -> Vec<Hole> {
        let completing = frame.completion.matches("{}").count();
        self.holes.iter().cloned().chain(std::iter::repeat_n(Hole::Ellipsis, completing)).collect()
    }

    fn ways(&self, holes: &[Hole], index: usize) -> &[&'static str] {
        if let Some(Some(spelling)) = self.spellings.get(index) {
            return std::slice::from_ref(spelling);
        }
        let writing = self.language.definition().writing;
        match &holes[index] {
            Hole::Ellipsis | Hole::Metavars(_) => writing.dots,
            // As the first item of a list it is written as any other.
            Hole::Deep if writing.deep.1 == "," => writing.names,
            Hole::Deep => &["{}"],
            Hole::Metavar(_) | Hole::Anything | Hole::Typed(..) | Hole::Regex(_) => writing.names,
        }
    }

    fn attempt(&mut self, frame: &Frame, holes: &[Hole], choice: &[usize]) -> Result<Accepted, Rejected> {
        self.attempts += 1;
        let Rendered { text, inner, boxes } = self.render(frame, holes, choice);
        let mut source = Source::new(self.language, &text);
        let unread = Rejected { errors: usize::MAX, line: 1 };
        if source.parse(ParseBudget::default()).is_err() {
            return Err(unread);
        }
        let Some(root) = source.tree().map(tree_sitter::Tree::root_node) else { return Err(unread) };
        if root.has_error() {
            return Err(errors(root));
        }
        let ast = lower(root, source.rope(), self.language.table());
        Ok(Accepted { ast, frame: *frame, inner, holes: holes.to_vec(), boxes })
    }

    fn render(&self, frame: &Frame, holes: &[Hole], choice: &[usize]) -> Rendered {
        let mut completion = String::new();
        let mut parts = frame.completion.split("{}");
        completion.push_str(parts.next().unwrap_or(""));
        for (next, part) in (self.holes.len()..).zip(parts) {
            completion.push_str(&hole_name(next));
            completion.push_str(part);
        }
        let mut text = frame.before.to_owned();
        let mut boxes = Vec::new();
        for body in [self.text, &completion] {
            let cut = Cut::new(body);
            for (before, index) in cut.pieces {
                text.push_str(before);
                let start = text.len();
                let usual = self.usual.get(index).copied().flatten();
                let way = match usual {
                    Some(usual) if choice[index] == 0 => usual,
                    _ => {
                        let ways = self.ways(holes, index);
                        ways[choice[index].min(ways.len() - 1)]
                    }
                };
                text.push_str(&way.replace("{}", &hole_name(index)).replace("{#}", &index.to_string()));
                if way != "{}" {
                    boxes.push((start..text.len(), index));
                }
            }
            text.push_str(cut.rest);
        }
        let inner = frame.before.len()..text.len();
        text.push_str(frame.after);
        Rendered { text, inner, boxes }
    }
}

fn errors(root: tree_sitter::Node<'_>) -> Rejected {
    let mut rejected = Rejected { errors: 0, line: 0 };
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            if rejected.line == 0 {
                rejected.line = node.start_position().row + 1;
            }
            // A long stretch that was not understood is worse than a short one.
            rejected.errors += 4 + node.byte_range().len();
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return rejected;
            }
        }
    }
}
