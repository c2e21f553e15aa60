//! Files of languages that no built-in rule comes with, to type in.

use crate::language::Language;

pub(super) const SEEDS: &[(Language, &str)] = &[
    (Language::Hcl, include_str!("seeds/bucket.tf")),
    (Language::Dockerfile, include_str!("seeds/clinic.dockerfile")),
    (Language::Yaml, include_str!("seeds/deployment.yaml")),
    (Language::Json, include_str!("seeds/policy.json")),
    (Language::Toml, include_str!("seeds/clinic.toml")),
    (Language::Sql, include_str!("seeds/clinic.sql")),
    (Language::Html, include_str!("seeds/visit.html")),
    (Language::Handlebars, include_str!("seeds/visit.hbs")),
];
