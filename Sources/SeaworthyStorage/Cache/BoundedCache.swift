import Synchronization

/// Values by key, up to a sum of costs; beyond it, those go first that were not used for longest.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Slot {
        var key: Key
        var value: Value
        var cost: Int
        var newer: Int
        var older: Int
    }

    private struct State {
        var places: [Key: Int] = [:]
        var slots: [Slot?] = []
        var free: [Int] = []
        /// Ends of the list from the one used last to the one not used for longest; -1 when empty.
        var newest = -1
        var oldest = -1
        var cost = 0

        mutating func add(_ key: Key, _ value: Value, _ cost: Int, _ maximum: Int) {
            guard cost <= maximum else { return }
            while self.cost + cost > maximum, oldest >= 0, let slot = slots[oldest] { remove(slot.key) }
            let slot = Slot(key: key, value: value, cost: cost, newer: -1, older: -1)
            let place: Int
            if let last = free.popLast() {
                place = last
                slots[place] = slot
            } else {
                place = slots.count
                slots.append(slot)
            }
            places[key] = place
            self.cost += cost
            link(place)
        }

        mutating func remove(_ key: Key) {
            guard let place = places.removeValue(forKey: key), let slot = slots[place] else { return }
            unlink(place)
            slots[place] = nil
            free.append(place)
            cost -= slot.cost
        }

        mutating func moveToFront(_ place: Int) {
            guard place != newest else { return }
            unlink(place)
            link(place)
        }

        private mutating func link(_ place: Int) {
            slots[place]?.newer = -1
            slots[place]?.older = newest
            if newest >= 0 { slots[newest]?.newer = place }
            newest = place
            if oldest < 0 { oldest = place }
        }

        private mutating func unlink(_ place: Int) {
            guard let slot = slots[place] else { return }
            if slot.newer >= 0 { slots[slot.newer]?.older = slot.older } else { newest = slot.older }
            if slot.older >= 0 { slots[slot.older]?.newer = slot.newer } else { oldest = slot.newer }
        }
    }

    /// The most that all values cost together.
    package let maximumCost: Int
    private let state = Mutex(State())

    package init(maximumCost: Int) {
        self.maximumCost = maximumCost
    }

    package var cost: Int { state.withLock { $0.cost } }
    package var count: Int { state.withLock { $0.places.count } }

    package subscript(key: Key) -> Value? {
        state.withLock { state in
            guard let place = state.places[key] else { return nil }
            state.moveToFront(place)
            return state.slots[place]?.value
        }
    }

    /// The value by a key, made where there is none.
    package func value(_ key: Key, cost: Int, orMake make: () -> Value) -> Value {
        state.withLock { state in
            if let place = state.places[key], let slot = state.slots[place] {
                state.moveToFront(place)
                return slot.value
            }
            let value = make()
            state.add(key, value, cost, maximumCost)
            return value
        }
    }

    /// One that costs more than all may is not kept.
    package func set(_ key: Key, _ value: Value, cost: Int) {
        state.withLock { state in
            state.remove(key)
            state.add(key, value, cost, maximumCost)
        }
    }

    package func remove(_ key: Key) {
        state.withLock { $0.remove(key) }
    }
}
