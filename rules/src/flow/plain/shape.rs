//! What is known of variables: which of their parts are tainted, which were made clean, and by what.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// Different taints that one value can have. More say nothing new.
const MAX_TAINTS: usize = 16;

/// Parts of parts that are told apart.
const MAX_DEPTH: usize = 8;

/// One taint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taint {
    /// Index of its origin.
    pub origin: u32,
    /// Index of its label in the rule; the unlabelled ones have their own.
    pub label: u16,
    /// The latest step of its way.
    pub step: u32,
}

/// The way a taint took does not make it another one.
impl PartialEq for Taint {
    fn eq(&self, other: &Taint) -> bool {
        (self.origin, self.label) == (other.origin, other.label)
    }
}

pub(super) type Taints = SmallVec<[Taint; 2]>;

/// Adds those that are not there yet.
pub(super) fn extend(taints: &mut Taints, more: &[Taint]) {
    for taint in more {
        if taints.len() < MAX_TAINTS && !taints.contains(taint) {
            taints.push(*taint);
        }
    }
}

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub state: State,
    fields: Option<Rc<BTreeMap<Key, Shape>>>,
}

/// What is known of a value as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum State {
    /// Nothing: a part is what the whole is.
    #[default]
    Unknown,
    /// It was made clean, whatever the whole is.
    Clean,
    Tainted(Taints),
}

/// A part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A member, by the hash of its name.
    Name(u64),
    /// An element at a constant index.
    Element(u64),
    /// An element; which one is not known.
    Any,
}

/// A variable or a part of one.
pub(super) struct Place {
    pub name: u64,
    pub path: SmallVec<[Key; 4]>,
}

impl Shape {
    pub fn tainted(taints: Taints) -> Shape {
        let state = if taints.is_empty() { State::Unknown } else { State::Tainted(taints) };
        Shape { state, fields: None }
    }

    /// The taints of the value as a whole.
    pub fn taints(&self) -> &[Taint] {
        match &self.state {
            State::Tainted(taints) => taints,
            _ => &[],
        }
    }

    /// The taints of the value and of all its parts.
    pub fn all_taints(&self) -> Taints {
        let mut out = Taints::new();
        self.gather(&mut out);
        out
    }

    fn gather(&self, out: &mut Taints) {
        extend(out, self.taints());
        for field in self.fields.iter().flat_map(|fields| fields.values()) {
            field.gather(out);
        }
    }

    pub fn add(&mut self, more: &[Taint]) {
        if more.is_empty() {
            return;
        }
        let mut taints: Taints = self.taints().into();
        extend(&mut taints, more);
        self.state = State::Tainted(taints);
    }

    /// A part, which is what the whole is unless more is known of it.
    pub fn part(&self, key: Key) -> Shape {
        let own = self.field(key);
        let mut part = own.unwrap_or_default();
        if part.state == State::Unknown {
            part.state = self.state.clone();
        }
        part
    }

    /// What is known of a part itself.
    pub fn field(&self, key: Key) -> Option<Shape> {
        let fields = self.fields.as_ref()?;
        match key {
            Key::Name(_) => fields.get(&key).cloned(),
            Key::Element(_) => fields.get(&key).or_else(|| fields.get(&Key::Any)).cloned(),
            Key::Any => fields
                .range(Key::Element(0)..)
                .map(|(_, shape)| shape.clone())
                .reduce(|known, shape| known.join(&shape)),
        }
    }

    /// Any element or member.
    pub fn element(&self) -> Shape {
        let all = self.fields.iter().flat_map(|fields| fields.values()).cloned();
        let mut element = all.reduce(|known, shape| known.join(&shape)).unwrap_or_default();
        if element.state == State::Unknown {
            element.state = self.state.clone();
        }
        element
    }

    fn set(&mut self, path: &[Key], value: Shape) {
        let Some((key, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        let fields = Rc::make_mut(self.fields.get_or_insert_default());
        if *key == Key::Any && rest.is_empty() {
            fields.retain(|key, _| matches!(key, Key::Name(_)));
        }
        fields.entry(*key).or_default().set(rest, value);
    }

    /// What is known where two ways meet.
    pub fn join(&self, other: &Shape) -> Shape {
        let state = match (&self.state, &other.state) {
            (State::Tainted(a), State::Tainted(b)) => {
                let mut taints = a.clone();
                extend(&mut taints, b);
                State::Tainted(taints)
            }
            (State::Tainted(a), _) | (_, State::Tainted(a)) => State::Tainted(a.clone()),
            (State::Clean, State::Clean) => State::Clean,
            _ => State::Unknown,
        };
        let fields = match (&self.fields, &other.fields) {
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(a.clone()),
            (None, None) => None,
            (a, b) => {
                let empty = BTreeMap::new();
                let (a, b) = (a.as_deref().unwrap_or(&empty), b.as_deref().unwrap_or(&empty));
                let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(key)));
                Some(Rc::new(keys.map(|key| (*key, self.part(*key).join(&other.part(*key)))).collect()))
            }
        };
        Shape { state, fields }
    }
}

/// The variables, by the hash of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Env {
    variables: FxHashMap<u64, Shape>,
    /// Taints of having come this way.
    pub control: Taints,
}

impl Env {
    pub fn get(&self, place: &Place) -> Shape {
        let mut shape = self.variables.get(&place.name).cloned().unwrap_or_default();
        for key in &place.path {
            shape = shape.part(*key);
        }
        shape
    }

    pub fn variable(&self, name: u64) -> Shape {
        self.variables.get(&name).cloned().unwrap_or_default()
    }

    /// After an assignment: what is not tainted is clean.
    pub fn set(&mut self, place: &Place, mut value: Shape) {
        if value.state == State::Unknown {
            value.state = State::Clean;
        }
        if place.path.len() > MAX_DEPTH {
            return;
        }
        self.variables.entry(place.name).or_default().set(&place.path, value);
    }

    /// Adds taints to what is known.
    pub fn taint(&mut self, place: &Place, taints: &[Taint]) {
        let mut value = self.get(place);
        value.add(taints);
        self.set(place, value);
    }

    /// What is known where two ways meet.
    pub fn join(&mut self, other: &Env) {
        for (name, value) in &other.variables {
            let known = self.variables.entry(*name).or_default();
            if known != value {
                *known = known.join(value);
            }
        }
        for (name, value) in &mut self.variables {
            if !other.variables.contains_key(name) && value.state == State::Clean {
                *value = value.join(&Shape::default());
            }
        }
        extend(&mut self.control, &other.control);
    }
}
