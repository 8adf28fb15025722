//! What both sides know of shared orders.

mod category;
mod form;
mod query;
mod view;
mod wish;

pub use category::Category;
pub use form::{DUE_AT, DUE_KEEP, Due, MAX_WON, MealEdit, MealFacts, MealForm, NewMeal, QUICK_MINUTES, SEATS};
pub use query::{Area, MealQuery, MineQuery};
pub use view::{BillView, Cancelled, HomeView, MealCard, MealDetail, MealDraft, MealList, MealView, Mine, MyMeals, Place};
pub use wish::{MAX_MENU, Wish};
