# What the checks share: `code_of(line)` is a line of Swift without its comments, and with "" for each string literal. Comments
# (they nest) and multi-line strings may go on over lines; call `start_file()` at the first line of each file.

function start_file() {
    comment_depth = 0
    in_long_string = 0
}

function code_of(line,    code, token, at) {
    code = ""
    while (line != "") {
        if (comment_depth > 0) {
            if (!match(line, /\/\*|\*\//)) break
            comment_depth += (substr(line, RSTART, 2) == "/*") ? 1 : -1
            line = substr(line, RSTART + 2)
        } else if (in_long_string) {
            at = index(line, "\"\"\"")
            if (!at) break
            in_long_string = 0
            line = substr(line, at + 3)
        } else if (match(line, /"""|"([^"\\]|\\.)*"|\/\/|\/\*/)) {
            token = substr(line, RSTART, RLENGTH)
            # The longest match at a place wins, so `""" "` would be taken for a string: look again.
            if (substr(line, RSTART, 3) == "\"\"\"") token = "\"\"\""
            code = code substr(line, 1, RSTART - 1)
            line = substr(line, RSTART + length(token))
            if (token == "//") break
            if (token == "/*") comment_depth = 1
            else if (token == "\"\"\"") in_long_string = 1
            else code = code "\"\""
        } else {
            code = code line
            break
        }
    }
    return code
}
