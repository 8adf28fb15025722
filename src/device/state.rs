//! Values that pages keep and watch.
//!
//! They are used like Leptos' own signals of the same names, and are made of them. But Leptos has a copy of everything for each
//! type of value; these hold every value as the same type, and all that is copied is the way in and out. That is a tenth of what
//! the larger pages weigh.

use leptos::prelude as leptos;
use leptos::{ArcTrigger, GetValue, Notify, Track};
use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

type Anything = Box<dyn Any + Send + Sync>;

/// What all of them are.
#[derive(Clone)]
struct Cell {
    value: Arc<RwLock<Anything>>,
    watched: ArcTrigger,
}

impl Cell {
    fn keep(value: Anything) -> leptos::StoredValue<Self> {
        leptos::StoredValue::new(Self { value: Arc::new(RwLock::new(value)), watched: ArcTrigger::new() })
    }

    fn read(&self) -> RwLockReadGuard<'_, Anything> {
        self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Anything> {
        self.value.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value that a cell was made for.
fn inside<T: 'static>(value: &Anything) -> &T {
    value.downcast_ref().expect("a cell holds what it was made with")
}

fn inside_mut<T: 'static>(value: &mut Anything) -> &mut T {
    value.downcast_mut().expect("a cell holds what it was made with")
}

/// The cell, as long as the part of the page that made it is there. On the server all of a page is there until it is drawn to its end
/// (`app::server::finished`); in the browser, what goes on after its part of the page has gone asks with `try_…`.
fn alive(cell: leptos::StoredValue<Cell>) -> Cell {
    cell.try_get_value().expect("what is read belongs to a part of the page that is there")
}

macro_rules! copied {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// A value that is watched: who reads it while a part of a page is made is made again when it changes.
///
/// Reading one whose part of the page is gone panics; changing it does nothing.
pub struct RwSignal<T> {
    cell: leptos::StoredValue<Cell>,
    kind: PhantomData<fn() -> T>,
}
copied!(RwSignal);

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Begins with a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { cell: Cell::keep(Box::new(value)), kind: PhantomData }
    }

    /// Watches it without reading it.
    pub fn track(&self) {
        alive(self.cell).watched.track();
    }

    /// Looks at it, and watches it.
    pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        let cell = alive(self.cell);
        cell.watched.track();
        look(inside(&cell.read()))
    }

    /// Looks at it as it is now.
    pub fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(inside(&alive(self.cell).read()))
    }

    /// The same, if its part of the page is still there.
    pub fn try_with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.cell.try_get_value().map(|cell| look(inside(&cell.read())))
    }

    /// Changes it.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Changes it, if its part of the page is still there.
    pub fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        let cell = self.cell.try_get_value()?;
        let changed = change(inside_mut(&mut cell.write()));
        cell.watched.notify();
        Some(changed)
    }

    /// The same, without telling anybody.
    pub fn try_update_untracked<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.cell.try_get_value().map(|cell| change(inside_mut(&mut cell.write())))
    }

    /// Puts another value in its place.
    pub fn set(&self, value: T) {
        self.update(|present| *present = value);
    }

    /// The same; the value comes back when its part of the page is gone.
    pub fn try_set(&self, value: T) -> Option<T> {
        let mut value = Some(value);
        self.try_update(|present| {
            if let Some(value) = value.take() {
                *present = value;
            }
        });
        value
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// A copy of it, which is watched.
    #[must_use]
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy of it as it is now.
    #[must_use]
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }

    /// The same, if its part of the page is still there.
    #[must_use]
    pub fn try_get_untracked(&self) -> Option<T> {
        self.try_with_untracked(T::clone)
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for leptos::Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::derive(move || signal.get())
    }
}

/// A value that nobody watches.
pub struct StoredValue<T> {
    cell: leptos::StoredValue<Cell>,
    kind: PhantomData<fn() -> T>,
}
copied!(StoredValue);

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Begins with a value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { cell: Cell::keep(Box::new(value)), kind: PhantomData }
    }

    /// Looks at it.
    pub fn with_value<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(inside(&alive(self.cell).read()))
    }

    /// The same, if its part of the page is still there.
    pub fn try_with_value<U>(&self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.cell.try_get_value().map(|cell| look(inside(&cell.read())))
    }

    /// Changes it.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes it, if its part of the page is still there.
    pub fn try_update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.cell.try_get_value().map(|cell| change(inside_mut(&mut cell.write())))
    }

    /// Puts another value in its place.
    pub fn set_value(&self, value: T) {
        self.update_value(|present| *present = value);
    }

    /// The same; the value comes back when its part of the page is gone.
    pub fn try_set_value(&self, value: T) -> Option<T> {
        let Some(cell) = self.cell.try_get_value() else { return Some(value) };
        *inside_mut(&mut cell.write()) = value;
        None
    }
}

impl<T: Clone + Send + Sync + 'static> StoredValue<T> {
    /// A copy of it.
    #[must_use]
    pub fn get_value(&self) -> T {
        self.with_value(T::clone)
    }

    /// The same, if its part of the page is still there.
    #[must_use]
    pub fn try_get_value(&self) -> Option<T> {
        self.try_with_value(T::clone)
    }
}

/// What a [`Memo`] worked out, and how it is compared with what it worked out before.
#[derive(Clone)]
struct Found {
    value: Arc<dyn Any + Send + Sync>,
    is_same: fn(&Self, &Self) -> bool,
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(self, other)
    }
}

impl Found {
    fn inside<T: 'static>(&self) -> &T {
        self.value.downcast_ref().expect("a memo holds what it works out")
    }
}

type WorkOut = Box<dyn Fn(Option<&Found>) -> Found + Send + Sync>;

/// A value that is worked out from others; who watches it hears of it when it is another than before.
pub struct Memo<T> {
    found: leptos::Memo<Found>,
    kind: PhantomData<fn() -> T>,
}
copied!(Memo);

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Works it out with what it was before, now and whenever what it reads has changed.
    #[must_use]
    pub fn new(work_out: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let is_same: fn(&Found, &Found) -> bool = |one, other| one.inside::<T>() == other.inside::<T>();
        let work_out = move |before: Option<&Found>| Found { value: Arc::new(work_out(before.map(Found::inside))), is_same };
        let work_out: WorkOut = Box::new(work_out);
        Self { found: leptos::Memo::new(work_out), kind: PhantomData }
    }

    /// Watches it without reading it.
    pub fn track(&self) {
        self.found.track();
    }

    /// Looks at it, and watches it.
    pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(leptos::Get::get(&self.found).inside())
    }

    /// Looks at it as it is now.
    pub fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(leptos::GetUntracked::get_untracked(&self.found).inside())
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Memo<T> {
    /// A copy of it, which is watched.
    #[must_use]
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy of it as it is now.
    #[must_use]
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<Memo<T>> for leptos::Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::derive(move || memo.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::leptos::prelude::Owner;

    #[test]
    fn what_is_kept_is_read_changed_and_gone_with_its_part_of_the_page() {
        let page = Owner::new();
        let (name, seats, hidden) = page.with(|| (RwSignal::new("밥".to_owned()), RwSignal::new(2_u32), StoredValue::new(vec![1_i64])));
        name.update(|name| name.push('!'));
        assert_eq!(name.get_untracked(), "밥!");
        assert_eq!(seats.try_update(|seats| std::mem::replace(seats, 3)), Some(2));
        assert_eq!((seats.get_untracked(), seats.try_set(4), seats.try_get_untracked()), (3, None, Some(4)));
        assert_eq!(hidden.try_update_value(|hidden| hidden.pop()), Some(Some(1)));
        assert_eq!((hidden.get_value(), hidden.try_set_value(vec![7]), hidden.with_value(Vec::len)), (vec![], None, 1));
        page.cleanup();
        drop(page);
        name.set("gone".to_owned());
        assert_eq!((name.try_get_untracked(), seats.try_set(5), seats.try_update(|_| ())), (None, Some(5), None));
        assert_eq!((hidden.try_get_value(), hidden.try_set_value(vec![8])), (None, Some(vec![8])));
    }

    #[test]
    fn a_memo_is_told_on_only_when_it_is_another() {
        let page = Owner::new();
        page.with(|| {
            let count = RwSignal::new(1_u32);
            let is_many = Memo::new(move |_| count.get() > 2);
            let told = StoredValue::new(0_u32);
            let heard = Memo::new(move |_| {
                told.update_value(|told| *told += 1);
                is_many.get()
            });
            let before = Memo::new(move |before: Option<&u32>| before.copied().unwrap_or(0) + count.get());
            assert_eq!((heard.get_untracked(), before.get_untracked(), told.get_value()), (false, 1, 1));
            count.set(2);
            assert_eq!((heard.get_untracked(), before.get_untracked(), told.get_value()), (false, 3, 1));
            count.set(3);
            assert_eq!((heard.get_untracked(), before.get_untracked(), told.get_value()), (true, 6, 2));
        });
    }
}
