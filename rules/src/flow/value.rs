//! What is known of a value.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::syntax::NodeId;

/// The part of a string's shape that is not literal.
pub(super) const HOLE: char = '\u{0}';

/// Longer literal shapes are cut: only their beginning is ever looked at.
const MAX_SHAPE: usize = 4096;

/// One way in which a value can be untrusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taint {
    /// Index of the source kind.
    pub kind: u16,
    /// Sink kinds that it was made safe for, as bits.
    pub cleared: u64,
    /// The latest step of its trace.
    pub step: u32,
    /// It went through a function of which nothing is known, which may have returned something else.
    pub weak: bool,
}

/// What is known of a value. The default knows nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub taints: SmallVec<[Taint; 1]>,
    /// Literal text, with [`HOLE`] where it is not literal.
    pub shape: Option<Rc<str>>,
    pub known: Known,
    /// A place in the models, 0 for none.
    pub path: u32,
    /// Members that are known, by the hash of their names.
    pub fields: Option<Rc<FxHashMap<u64, Value>>>,
    /// The function it is.
    pub function: Option<NodeId>,
    /// The class whose object it is, where the program says it.
    pub class: Option<Rc<str>>,
}

/// Constants and types as far as they are plain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Known {
    #[default]
    Nothing,
    Null,
    True,
    False,
    /// A number, whatever its value.
    Number,
    /// A list, object or function without untrusted parts.
    Literal,
}

impl Value {
    pub fn known(known: Known) -> Value {
        Value { known, ..Value::default() }
    }

    pub fn text(text: &str) -> Value {
        Value { shape: Some(shorten(text)), ..Value::default() }
    }

    pub fn at(path: u32) -> Value {
        Value { path, ..Value::default() }
    }

    pub fn is_tainted(&self) -> bool {
        !self.taints.is_empty()
    }

    /// Whether the whole value is written in the code.
    pub fn is_constant(&self) -> bool {
        self.known != Known::Nothing || self.constant_text().is_some()
    }

    /// The text, if all of it is literal.
    pub fn constant_text(&self) -> Option<&str> {
        self.shape.as_deref().filter(|shape| !shape.contains(HOLE))
    }

    /// Whether a condition with this value is decided.
    pub fn truth(&self) -> Option<bool> {
        match self.known {
            Known::True => Some(true),
            Known::False | Known::Null => Some(false),
            _ => self.constant_text().map(|text| !text.is_empty()),
        }
    }

    /// What is known when the value is one of the two.
    pub fn join(&self, other: &Value) -> Value {
        Value {
            taints: union(&self.taints, &other.taints),
            shape: match (&self.shape, &other.shape) {
                (Some(a), Some(b)) if a == b => Some(a.clone()),
                // The longer literal says more about what the text is for.
                (Some(a), Some(b)) => Some(with_hole(if a.len() >= b.len() { a } else { b })),
                (Some(a), None) | (None, Some(a)) => Some(with_hole(a)),
                (None, None) => None,
            },
            known: if self.known == other.known { self.known } else { Known::Nothing },
            path: if self.path == 0 { other.path } else { self.path },
            fields: match (&self.fields, &other.fields) {
                (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(a.clone()),
                (Some(a), Some(b)) => Some(Rc::new(join_fields(a, b))),
                (Some(a), None) | (None, Some(a)) => Some(a.clone()),
                (None, None) => None,
            },
            function: self.function.or(other.function),
            class: if self.class == other.class { self.class.clone() } else { None },
        }
    }

    /// The text of `self` followed by that of `other`.
    pub fn concat(&self, other: &Value) -> Value {
        let mut shape = String::new();
        for part in [self, other] {
            match &part.shape {
                Some(text) => shape.push_str(text),
                None => shape.push(HOLE),
            }
        }
        Value { taints: union(&self.taints, &other.taints), shape: Some(shorten(&shape)), ..Value::default() }
    }

    pub fn field(&self, name: u64) -> Option<&Value> {
        self.fields.as_ref()?.get(&name)
    }

    pub fn set_field(&mut self, name: u64, value: Value) {
        let fields = self.fields.get_or_insert_default();
        Rc::make_mut(fields).insert(name, value);
    }

    /// Taints of the value and of everything in it.
    pub fn all_taints(&self) -> SmallVec<[Taint; 1]> {
        let mut taints = self.taints.clone();
        if let Some(fields) = &self.fields {
            for field in fields.values() {
                taints = union(&taints, &field.taints);
            }
        }
        taints
    }
}

/// Both, without repeating a kind that is already there in a less cleared form.
pub(super) fn union(a: &[Taint], b: &[Taint]) -> SmallVec<[Taint; 1]> {
    let mut out: SmallVec<[Taint; 1]> = a.into();
    for taint in b {
        match out.iter_mut().find(|known| known.kind == taint.kind) {
            None => out.push(*taint),
            // The same kind on two ways: what one of them has not been cleared of counts.
            Some(known) if known.weak && !taint.weak => *known = *taint,
            Some(known) if taint.weak && !known.weak => {}
            Some(known) if taint.cleared & known.cleared != known.cleared => {
                if taint.cleared.count_ones() < known.cleared.count_ones() {
                    known.step = taint.step;
                }
                known.cleared &= taint.cleared;
            }
            Some(_) => {}
        }
    }
    out
}

fn join_fields(a: &FxHashMap<u64, Value>, b: &FxHashMap<u64, Value>) -> FxHashMap<u64, Value> {
    let mut out = a.clone();
    for (name, value) in b {
        let joined = match out.get(name) {
            Some(known) => known.join(value),
            None => value.clone(),
        };
        out.insert(*name, joined);
    }
    out
}

fn with_hole(shape: &Rc<str>) -> Rc<str> {
    if shape.contains(HOLE) { shape.clone() } else { format!("{shape}{HOLE}").into() }
}

fn shorten(text: &str) -> Rc<str> {
    if text.len() <= MAX_SHAPE {
        return text.into();
    }
    let mut end = MAX_SHAPE;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{HOLE}", &text[..end]).into()
}
