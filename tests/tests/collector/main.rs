//! Our collector: its configurations, its faults, and the stacks of `collector/up` and `collector/compose.yaml`.

mod compose;
mod configured;
mod faults;
mod remote_write;
mod stack;
mod up;
