import Crypto
import FoundationEssentials
import SeaworthySchema

/// The last member of a small file, `seal`: a code over the text of all the others, so that a change is seen.
enum Seal {
    private static let member = "seal"

    static func sealed(_ object: JSONObject, _ keys: DerivedKeys?) -> [UInt8] {
        var object = object
        object.append(member, .string(seal(object, keys)))
        return Array((JSONValue.object(object).indentedText + "\n").utf8)
    }

    static func check(_ object: JSONObject, _ keys: DerivedKeys?, name: String) throws(BackupError) {
        var rest = object
        guard let last = rest.members.popLast(), last.name == member, last.value == .string(seal(rest, keys)) else {
            throw BackupError(.damaged, "the manifest of \(name) was changed: its seal does not fit", fix: "restore another backup")
        }
    }

    private static func seal(_ object: JSONObject, _ keys: DerivedKeys?) -> String {
        let text = Array(JSONValue.object(object).compactText.utf8)
        guard let keys else { return "sha256:\(SHA256.hash(data: text).hexadecimal)" }
        return "hmac-sha256:\(HMAC<SHA256>.authenticationCode(for: text, using: keys.manifest).hexadecimal)"
    }
}
