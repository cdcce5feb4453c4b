//! The pieces every screen is built from. They know how things look and behave, and nothing of Relay.

mod ask;
mod badge;
mod code;
mod copy;
mod dialog;
mod field;
mod filter;
mod form;
mod icon;
mod inputs;
mod menu;
mod secret;
mod state;
mod table;
mod theme;
mod time;
mod toast;

pub(crate) use ask::{Asked, ask_dialog};
pub(crate) use badge::{Badge, Tone};
pub(crate) use code::{Code, Sample, Samples};
pub(crate) use copy::CopyButton;
pub(crate) use dialog::{Confirm, ConfirmDialog, Dialog};
pub(crate) use field::{PasswordField, SubmitButton, TextField, code_field};
pub(crate) use filter::{clear_filters, days, filter_bar, segmented, select_filter, text_filter};
pub(crate) use form::{Form, Sending, card_form, form, form_dialog, panel_form, sending};
pub(crate) use icon::{Icon, Logo, Mark};
pub(crate) use inputs::{Field, button, folded, group, owned, radios, tick, words_of};
pub(crate) use menu::{Choice, menu};
pub(crate) use secret::{Secret, secret_dialog};
pub(crate) use state::{
    Empty, Failure, ListView, PageHeader, ProblemNote, not_offered, section, sentence,
};
pub(crate) use table::{
    Cells, Column, actions, cell, column, facts, number, or_dash, table, table_panel, with_sub,
};
pub(crate) use theme::ThemeSwitch;
pub(crate) use time::{Ago, Clock};
pub(crate) use toast::{ToastRegion, Toasts};
