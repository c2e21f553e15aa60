//! The variables of a function while it is interpreted.

use rustc_hash::FxHashMap;

use super::value::Value;

/// Values of variables by the hash of their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    variables: FxHashMap<u64, Value>,
}

impl Env {
    pub fn get(&self, name: u64) -> Option<&Value> {
        self.variables.get(&name)
    }

    pub fn get_mut(&mut self, name: u64) -> Option<&mut Value> {
        self.variables.get_mut(&name)
    }

    pub fn set(&mut self, name: u64, value: Value) {
        self.variables.insert(name, value);
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.variables.iter().map(|(name, value)| (*name, value))
    }

    /// What is known where two ways meet.
    pub fn join(&mut self, other: Env) {
        for (name, value) in other.variables {
            let joined = match self.variables.get(&name) {
                Some(known) => known.join(&value),
                None => value,
            };
            self.variables.insert(name, joined);
        }
    }
}
