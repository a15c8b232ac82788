import Testing

@testable import SeaworthySQLite

@Suite struct WaitingJobsTests {
    @Test func `jobs leave in the order they came`() {
        let jobs = (0..<300).map { _ in Job() }
        var waiting = WaitingJobs()
        for job in jobs.prefix(200) { waiting.append(job) }
        for job in jobs.prefix(150) {
            let found = waiting.popFirst()
            #expect(found === job)
        }
        for job in jobs.dropFirst(200) { waiting.append(job) }
        #expect(waiting.count == 150)
        for job in jobs.dropFirst(150) {
            let found = waiting.popFirst()
            #expect(found === job)
        }
        do {
            let found = waiting.popFirst()
            #expect(found == nil)
        }
        #expect(waiting.isEmpty)
    }

    @Test func `a job put ahead is the next`() {
        let (first, second, third) = (Job(), Job(), Job())
        var waiting = WaitingJobs()
        waiting.append(first)
        waiting.prepend(second)
        do {
            let found = waiting.first
            #expect(found === second)
        }
        do {
            let found = waiting.popFirst()
            #expect(found === second)
        }
        waiting.prepend(third)
        do {
            let found = waiting.popFirst()
            #expect(found === third)
        }
        do {
            let found = waiting.popFirst()
            #expect(found === first)
        }
        #expect(waiting.count == 0)
    }

    @Test func `a job can be taken out from anywhere, once`() {
        let jobs = (0..<500).map { _ in Job() }
        var waiting = WaitingJobs()
        for job in jobs { waiting.append(job) }
        for (index, job) in jobs.enumerated() where index % 50 != 0 {
            let found = waiting.remove(job)
            #expect(found)
        }
        do {
            let found = waiting.remove(jobs[1])
            #expect(!found)
        }
        #expect(waiting.count == 10)
        for index in stride(from: 0, to: 500, by: 50) {
            let found = waiting.popFirst()
            #expect(found === jobs[index])
        }
        do {
            let found = waiting.popFirst()
            #expect(found == nil)
        }
    }

    @Test func `all can be taken at once`() {
        let jobs = (0..<5).map { _ in Job() }
        var waiting = WaitingJobs()
        for job in jobs { waiting.append(job) }
        do {
            let found = waiting.popFirst()
            #expect(found === jobs[0])
        }
        do {
            let found = waiting.remove(jobs[2])
            #expect(found)
        }
        #expect(waiting.removeAll().map(ObjectIdentifier.init) == [jobs[1], jobs[3], jobs[4]].map(ObjectIdentifier.init))
        #expect(waiting.count == 0)
        do {
            let found = waiting.first
            #expect(found == nil)
        }
    }
}
