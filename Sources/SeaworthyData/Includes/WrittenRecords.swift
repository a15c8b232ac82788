import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Records as bytes, and the lists that have their places in them.
struct WrittenRecords: Sendable {
    var bytes: [UInt8]
    var places: ListPlaces
    /// The lists, by the index of their plan; empty until they are read.
    var lists: [WrittenLists] = []

    /// Appends a part of the bytes, every list in its place.
    func append(_ range: Range<Int>, to buffer: inout [UInt8]) {
        var start = range.lowerBound
        for place in places.places[firstPlace(from: range.lowerBound)...] {
            guard place.offset < range.upperBound else { break }
            copy(start..<place.offset, to: &buffer)
            start = place.offset
            guard lists.indices.contains(place.plan) else { continue }
            lists[place.plan].append(listOf: place.parent, to: &buffer)
        }
        copy(start..<range.upperBound, to: &buffer)
    }

    private func copy(_ range: Range<Int>, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: bytes[range])
    }

    /// How many bytes a part has with every list in its place.
    func size(of range: Range<Int>) -> Int {
        var size = range.count
        for place in places.places[firstPlace(from: range.lowerBound)...] {
            guard place.offset < range.upperBound else { break }
            guard lists.indices.contains(place.plan), lists[place.plan].sizes.indices.contains(place.parent) else { continue }
            // More than any answer may have is not added up, or it might not fit the number.
            size = min(size + lists[place.plan].sizes[place.parent], Int.max / 4)
        }
        return size
    }

    /// The places stand in the order of the bytes.
    private func firstPlace(from offset: Int) -> Int {
        var low = 0
        var high = places.places.count
        while low < high {
            let middle = (low + high) / 2
            if places.places[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// All of it, every list in its place.
    var whole: [UInt8] {
        guard !places.places.isEmpty else { return bytes }
        var buffer: [UInt8] = []
        buffer.reserveCapacity(bytes.count * 2)
        append(0..<bytes.count, to: &buffer)
        return buffer
    }
}

/// The lists of one plan: the records of all parents one after another, and where each parent's are.
struct WrittenLists: Sendable {
    var records: WrittenRecords
    /// By the parent's place; empty for one without records.
    var ranges: [Range<Int>]
    var isTruncated: Bool
    var count: Int
    /// How many bytes each list has with the lists in it, by the parent's place; known once these are read.
    var sizes: [Int] = []

    mutating func measure() {
        sizes = ranges.map { $0.isEmpty ? 0 : records.size(of: $0) }
    }

    func append(listOf parent: Int, to buffer: inout [UInt8]) {
        guard ranges.indices.contains(parent), !ranges[parent].isEmpty else { return }
        records.append(ranges[parent], to: &buffer)
    }
}

/// Reads the rows of a ``ChildrenPlan``.
struct ListsReader: RowReader {
    private let encoder: RecordEncoder
    private let limit: Int
    private var lists: WrittenLists
    private var parent = -1
    private var countOfParent = 0

    init(_ plan: ChildrenPlan, parents: Int, _ entities: [Entity]) {
        encoder = RecordEncoder(plan.layout, entities, offset: 1)
        limit = plan.limit
        lists = WrittenLists(
            records: WrittenRecords(bytes: [UInt8](room: 4096), places: ListPlaces(plans: plan.layout.children.count)),
            ranges: Array(repeating: 0..<0, count: parents), isTruncated: false, count: 0)
    }

    mutating func read(_ row: any Row) throws {
        try RecordCollection.requireRoom(lists.records.bytes.count)
        let parent = Int(row.integer(0))
        guard lists.ranges.indices.contains(parent) else { return }
        if parent != self.parent {
            self.parent = parent
            countOfParent = 0
            let start = lists.records.bytes.count
            lists.ranges[parent] = start..<start
        }
        countOfParent += 1
        lists.count += 1
        guard countOfParent <= limit else {
            lists.isTruncated = true
            return
        }
        if countOfParent > 1 { lists.records.bytes.append(UInt8(ascii: ",")) }
        encoder.write(row, into: &lists.records.bytes, &lists.records.places)
        lists.ranges[parent] = lists.ranges[parent].lowerBound..<lists.records.bytes.count
    }

    consuming func finish() -> WrittenLists {
        lists
    }
}
