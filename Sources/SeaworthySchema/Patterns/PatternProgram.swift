/// A compiled pattern: instructions of which several are followed at the same time.
struct PatternProgram: Sendable {
    enum Instruction: Sendable, Equatable {
        /// Takes one scalar of the set and goes on with the next instruction.
        case scalar(ScalarSet)
        /// Goes on at both places.
        case split(Int, Int)
        case jump(Int)
        /// Goes on only at the beginning, or the end, of the text.
        case start
        case end
        case match
    }

    /// The most instructions of a pattern. With it the time for a text is bounded: no more than so many steps a scalar.
    static let maximumInstructions = 1000

    let instructions: [Instruction]

    func matches(_ text: String) -> Bool {
        var current = Threads(instructions.count)
        var next = Threads(instructions.count)
        var isAtStart = true
        var scalars = text.unicodeScalars.makeIterator()
        var scalar = scalars.next()
        while true {
            // The pattern may begin at every place of the text.
            if follow(0, isAtStart: isAtStart, isAtEnd: scalar == nil, into: &current) { return true }
            guard let taken = scalar else { return false }
            scalar = scalars.next()
            isAtStart = false
            next.removeAll()
            for place in current.places {
                if case .scalar(let set) = instructions[place], set.contains(taken),
                    follow(place + 1, isAtStart: false, isAtEnd: scalar == nil, into: &next)
                {
                    return true
                }
            }
            swap(&current, &next)
        }
    }

    /// Adds a place, and all that lead on from it without taking a scalar.
    ///
    /// - Returns: whether the pattern has matched.
    private func follow(_ place: Int, isAtStart: Bool, isAtEnd: Bool, into threads: inout Threads) -> Bool {
        var waiting = [place]
        while let place = waiting.popLast() {
            guard threads.insert(place) else { continue }
            switch instructions[place] {
            case .scalar: continue
            case .split(let first, let second): waiting += [second, first]
            case .jump(let target): waiting.append(target)
            case .start: if isAtStart { waiting.append(place + 1) }
            case .end: if isAtEnd { waiting.append(place + 1) }
            case .match: return true
            }
        }
        return false
    }

    /// The places that are followed now, each once.
    private struct Threads {
        private(set) var places: [Int] = []
        private var isIn: [Bool]

        init(_ count: Int) {
            isIn = Array(repeating: false, count: count)
        }

        mutating func insert(_ place: Int) -> Bool {
            guard !isIn[place] else { return false }
            isIn[place] = true
            places.append(place)
            return true
        }

        mutating func removeAll() {
            for place in places { isIn[place] = false }
            places.removeAll(keepingCapacity: true)
        }
    }
}
