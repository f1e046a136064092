//! Tensors that begin where they are told to.

/// Bytes of a page of memory.
const PAGE: usize = 4096;

/// Where tensors begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Align(usize);

impl Align {
    /// A power of two from the largest element to a page.
    pub(super) fn parse(text: &str) -> Result<Align, String> {
        match text.parse() {
            Ok(bytes @ 8..=PAGE) if usize::is_power_of_two(bytes) => Ok(Align(bytes)),
            _ => Err(format!("it must be a power of two from 8 to {PAGE}")),
        }
    }

    pub(super) fn bytes(self) -> usize {
        self.0
    }
}

/// Elements that begin at an odd multiple of so many bytes behind a page; of a page, at the page.
#[derive(Debug)]
pub(super) struct Room<T> {
    all: Vec<T>,
    start: usize,
    count: usize,
}

impl<T: Copy> Room<T> {
    pub(super) fn new(align: Align, count: usize, value: T) -> Room<T> {
        let all = vec![value; count + 2 * PAGE / size_of::<T>().max(1)];
        // Elements are aligned to their own size, so that every multiple of it can be reached.
        let behind = all.as_ptr().addr() % PAGE;
        let start = (PAGE - behind + align.0 % PAGE) / size_of::<T>().max(1);
        Room { all, start, count }
    }

    pub(super) fn elements(&self) -> &[T] {
        &self.all[self.start..][..self.count]
    }

    pub(super) fn elements_mut(&mut self) -> &mut [T] {
        &mut self.all[self.start..][..self.count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_begin_where_they_are_told_to() {
        for bytes in [8, 16, 64, 4096] {
            let align = Align::parse(&bytes.to_string()).unwrap();
            for count in [0, 1, 1000] {
                let mut room = Room::new(align, count, 1.0_f64);
                let addr = room.elements().as_ptr().addr();
                assert_eq!((addr % bytes, addr % PAGE), (0, bytes % PAGE));
                assert_eq!(room.elements_mut().len(), count);
            }
        }
        assert!(Align::parse("24").is_err() && Align::parse("4").is_err());
    }
}
