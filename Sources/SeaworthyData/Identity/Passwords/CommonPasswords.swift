/// The passwords that are tried first, and what is made of them: with other letters for digits, with numbers and signs around them, twice in
/// a row, runs of the keyboard and of the alphabet.
enum CommonPasswords {
    /// Whether a password is one of them, or made of one.
    static func contains(_ password: String) -> Bool {
        let lower = Array(password.lowercased().unicodeScalars)
        if isRepetition(lower) || isRun(lower) { return true }
        let text = lower.map(Character.init)
        // With letters for digits, and without numbers and signs at both ends, in either order: `p@ssw0rd2024!`, `$unshine`.
        return [text, lettered(text), stripped(text), stripped(lettered(text)), lettered(stripped(text))].map { String($0) }.contains {
            words.contains($0) || isMadeOfTwo($0)
        }
    }

    private static func lettered(_ text: [Character]) -> [Character] {
        text.map { $0.unicodeScalars.first.flatMap { substitutes[$0] }.map(Character.init) ?? $0 }
    }

    private static func stripped(_ text: [Character]) -> [Character] {
        guard let first = text.firstIndex(where: \.isLetter), let last = text.lastIndex(where: \.isLetter) else { return [] }
        return Array(text[first...last])
    }

    /// Whether the whole is one part again and again.
    private static func isRepetition(_ text: [Unicode.Scalar]) -> Bool {
        guard text.count > 1 else { return true }
        return (1...(text.count / 2)).contains { period in
            text.count % period == 0 && period <= 4 && text.indices.dropFirst(period).allSatisfy { text[$0] == text[$0 - period] }
        }
            || (text.count % 2 == 0 && text.prefix(text.count / 2) == text.suffix(text.count / 2)
                && words.contains(String(String.UnicodeScalarView(text.prefix(text.count / 2)))))
    }

    /// Whether nearly every character follows the one before it in the alphabet, among the digits or on the keyboard.
    private static func isRun(_ text: [Unicode.Scalar]) -> Bool {
        let pairs = zip(text, text.dropFirst())
        let following = pairs.count { left, right in
            let step = Int(right.value) - Int(left.value)
            return step == 1 || step == -1 || neighbours.contains("\(left)\(right)") || (left == "9" && right == "0")
                || (left == "0" && right == "9")
        }
        return following * 10 >= (text.count - 1) * 8
    }

    private static func isMadeOfTwo(_ word: String) -> Bool {
        (6...32).contains(word.count)
            && word.indices.dropFirst(3).contains { words.contains(String(word[..<$0])) && words.contains(String(word[$0...])) }
    }

    private static let substitutes: [Unicode.Scalar: Unicode.Scalar] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "+": "t",
    ]

    private static let neighbours: Set<String> = Set(
        ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertzuiop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"].flatMap {
            row in
            zip(row, row.dropFirst()).flatMap { ["\($0)\($1)", "\($1)\($0)"] }
        })

    private static let words: Set<String> = Set(
        """
        password passwort passw0rd motdepasse contrasena contraseña senha parola haslo wachtwoord losenord lozinka jelszo sifre kennwort \
        secret geheim topsecret supersecret private access login logon signin welcome willkommen bienvenue hello hallo letmein letmein letme \
        openup opensesame open sesame changeme changeit change default guest user username test testing tester testtest demo sample example \
        temp temporary admin administrator root master superuser super system server service support operator manager office company \
        database oracle postgres mysql backup internet computer laptop desktop network wireless router netgear linksys cisco windows \
        microsoft google apple facebook twitter instagram whatsapp amazon samsung nokia android iphone linux ubuntu debian oracle \
        qwerty qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc qwerasdf qwertyuiop wasd abc abcd abcdef abcdefg \
        love iloveyou loveyou lovely lover ilove iloveu youandme forever always together baby babygirl babyboy honey sweetheart sweetie \
        darling princess prince queen king angel angels heaven jesus christ jesuschrist god godisgood blessed faith church bible \
        dragon monster phoenix tiger lion eagle falcon wolf bear panther leopard cheetah jaguar puma shark dolphin whale horse pony \
        monkey donkey chicken turkey rabbit bunny puppy doggy kitty kitten tigger snoopy garfield mickey minnie donald pikachu pokemon \
        mario luigi zelda sonic naruto batman superman spiderman ironman hulk thor wolverine starwars startrek skywalker vader yoda \
        gandalf frodo hobbit matrix neo trinity merlin wizard magic ninja samurai warrior soldier hunter ranger killer destroy death \
        shadow midnight darkness moonlight sunshine sunset sunrise rainbow summer winter spring autumn fall flower flowers rose roses \
        lily daisy jasmine lavender butterfly cherry apple orange banana lemon peach melon strawberry chocolate cookie cookies cupcake \
        candy sugar honey pepper ginger cinnamon vanilla coffee cheese pizza burger taco bacon butter peanut cocacola pepsi beer vodka \
        whiskey tequila football soccer baseball basketball hockey tennis golf rugby cricket boxing racing runner winner champion player \
        team barcelona madrid realmadrid liverpool arsenal chelsea manchester united juventus milan bayern dortmund cowboys steelers \
        yankees lakers bulls rangers giants packers eagles redsox mustang corvette camaro ferrari porsche mercedes bmw audi toyota honda \
        yamaha kawasaki suzuki harley davidson ducati jordan michael jackson jessica jennifer ashley amanda michelle nicole melissa \
        stephanie elizabeth samantha daniel david robert thomas william george charlie andrew anthony joshua matthew christopher nicholas \
        alexander benjamin jonathan joseph richard patrick steven kevin brandon justin jason tyler ryan eric brian maria anna laura sarah \
        sara linda barbara susan julia sophie emma olivia hannah chloe lucy alice marie natalie vanessa veronica victoria patricia \
        andrea claudia daniela gabriela carlos miguel jose juan pedro antonio francisco fernando alejandro roberto diego santiago pablo \
        marco luca matteo francesco giovanni giuseppe alessandro pierre jean michel philippe nicolas olivier thierry hans peter klaus \
        wolfgang jurgen stefan markus andreas sebastian florian tobias london paris berlin munich hamburg vienna zurich rome madrid \
        lisbon dublin newyork boston chicago dallas houston texas california florida hawaii america american england france germany \
        deutschland italia espana brasil brazil mexico canada canada australia china japan india russia turkey poland sweden norway \
        monday tuesday wednesday thursday friday saturday sunday january february march april june july august september october november \
        december montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar sommer winter herbst fruhling ficken hurensohn \
        schatz schatzi mausi hase hasi engel liebe ichliebedich kuschel freiheit freedom liberty justice peace world hello welcome money \
        dollar million business finance lucky happy smile funny crazy cool awesome great perfect beautiful pretty sexy hottie fuckyou \
        fuckoff fuck bitch asshole shit bullshit bastard whatever nothing something anything everything nobody somebody trustno trustnoone \
        trustme believe dream dreams hope destiny infinity eternity universe galaxy star stars planet mercury venus earth mars jupiter \
        saturn uranus neptune pluto thunder lightning storm hurricane tornado fire ice water ocean river mountain forest island beach \
        diamond silver golden gold platinum crystal sapphire ruby emerald purple yellow black white green blue red pink orange brown \
        guitar piano music metallica nirvana beatles eminem slipknot linkinpark blink greenday rockstar hiphop dance party student school \
        college university teacher doctor nurse police fireman pilot captain sailor marine navy army airforce secure security safety \
        protect qwert trewq poiuy lkjhg mnbvc asdasd qweqwe qweasd zaqxsw zaq xsw qaz wsx edc
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
