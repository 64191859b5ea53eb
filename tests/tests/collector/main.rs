//! Our collector and what stands around it: its configurations, its faults, the stack of `collector/up` and of `collector/compose.yaml`.

mod compose;
mod configured;
mod faults;
mod remote_write;
mod stack;
mod up;
