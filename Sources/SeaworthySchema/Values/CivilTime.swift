/// A day of the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31.
package struct CivilDate: Sendable, Equatable {
    package var year: Int
    package var month: Int
    package var day: Int

    /// Nil when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that many days after 1970-01-01. Howard Hinnant, «chrono-Compatible Low-Level Date Algorithms», civil_from_days.
    package init(daysSinceEpoch days: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The inverse of ``init(daysSinceEpoch:)``, days_from_civil of the same source.
    package var daysSinceEpoch: Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

/// A time of day on a day, in UTC.
package struct CivilTime: Sendable, Equatable {
    package var date: CivilDate
    package var hour: Int
    package var minute: Int
    package var second: Int
    package var microsecond: Int

    private static let microsecondsPerDay: Int64 = 86_400_000_000

    init(date: CivilDate, hour: Int, minute: Int, second: Int, microsecond: Int) {
        self.date = date
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    package init(microseconds: Int64) {
        var days = microseconds / Self.microsecondsPerDay
        var rest = microseconds % Self.microsecondsPerDay
        if rest < 0 {
            rest += Self.microsecondsPerDay
            days -= 1
        }
        date = CivilDate(daysSinceEpoch: Int(days))
        microsecond = Int(rest % 1_000_000)
        let seconds = Int(rest / 1_000_000)
        second = seconds % 60
        minute = seconds / 60 % 60
        hour = seconds / 3600
    }

    var microseconds: Int64 {
        Int64(date.daysSinceEpoch) * Self.microsecondsPerDay + Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(microsecond)
    }
}
