/// What Redis does with locks, each as one step. They ask Redis for the time, which it tells its replicas as what came of it (since 5.0).
enum LockScripts {
    private static let fields = "'id', 'entity', 'key', 'kind', 'owner', 'email', 'at', 'until', 'fence'"

    /// The time in microseconds and milliseconds, and how a lock is given a later end: never an earlier one. The sets go with the last of
    /// what they have. Numbers are written out, since Lua would round them to 14 digits.
    private static let common = """
        local t = redis.call('TIME')
        local now = t[1] * 1000000 + t[2]
        local ms = math.floor(now / 1000)
        local function text(number) return string.format('%.0f', number) end
        local function keep(ttl, place)
          local ends = text(ms + ttl)
          redis.call('HSET', KEYS[1], 'until', ends)
          redis.call('PEXPIREAT', KEYS[1], ends)
          for i = 2, 3 do
            redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', text(ms))
            redis.call('ZADD', KEYS[i], ends, place)
            if redis.call('PTTL', KEYS[i]) < ttl then redis.call('PEXPIREAT', KEYS[i], ends) end
          end
        end
        local function extend(ttl, place)
          if tonumber(redis.call('HGET', KEYS[1], 'until')) < ms + ttl then keep(ttl, place) end
        end
        local function lock() return redis.call('HMGET', KEYS[1], \(fields)) end

        """

    /// Keys: the lock, the entity's set, the owner's, the fence. Arguments: milliseconds, an id, the place, entity, key, the owner's kind, id and
    /// address, the most locks of an owner.
    static let acquire = RedisScript(
        common + """
            local ttl = tonumber(ARGV[1])
            local owner = redis.call('HMGET', KEYS[1], 'kind', 'owner')
            if owner[1] then
              if owner[1] ~= ARGV[6] or owner[2] ~= ARGV[7] then return {'held', lock()} end
              extend(ttl, ARGV[3])
              return {'extended', lock()}
            end
            if redis.call('ZCOUNT', KEYS[3], '(' .. text(ms), '+inf') >= tonumber(ARGV[9]) then return {'many'} end
            local fence = redis.call('INCR', KEYS[4])
            if fence < now then
              fence = now
              redis.call('SET', KEYS[4], text(now))
            end
            redis.call('HSET', KEYS[1], 'id', ARGV[2], 'entity', ARGV[4], 'key', ARGV[5], 'kind', ARGV[6], 'owner', ARGV[7],
              'email', ARGV[8], 'at', text(now), 'fence', text(fence))
            keep(ttl, ARGV[3])
            return {'acquired', lock()}
            """)

    /// Keys: the lock, the entity's set, the owner's. Arguments: milliseconds, the id, the place.
    static let renew = RedisScript(
        common + """
            if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] then return false end
            extend(tonumber(ARGV[1]), ARGV[3])
            return lock()
            """)

    /// Keys: the lock, the entity's set, the owner's. Arguments: the id, the place.
    static let release = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('ZREM', KEYS[2], ARGV[2])
        redis.call('ZREM', KEYS[3], ARGV[2])
        return 1
        """)

    /// Keys: an entity's set. Argument: how many.
    static let places = RedisScript(
        """
        local t = redis.call('TIME')
        local ms = string.format('%.0f', math.floor((t[1] * 1000000 + t[2]) / 1000))
        return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ms, '+inf', 'LIMIT', '0', ARGV[1])
        """)

    /// Keys: locks. A row for each; null for one that is not there.
    static let read = RedisScript(
        """
        local rows = {}
        for i = 1, #KEYS do
          local row = redis.call('HMGET', KEYS[i], \(fields))
          rows[i] = row[1] and row or false
        end
        return rows
        """)
}
