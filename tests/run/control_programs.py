"""Random well-typed programs as source text: loops, branches, writes, views, calls, jumps.

A program is `f(x, y, u, A, n)` of two numbers, a vector of four, a matrix of three rows of four and
a count. Random choices come from a `random.Random`, so hypothesis can make them and make them
smaller.
"""

HELPERS = """\
def helper(p, q):
    r = p * q
    if p > 0.2:
        r = r + np.sin(q)
    return r * p


def pair(p, v):
    w = v * p
    if w[0] > 0.1:
        return np.sin(w[1]), w
    w[1] = p
    return w[-1] - p, np.cos(w)


def overwrite(v, p):
    v[1] = np.sin(p * v[0])
    v[2:] *= p


def tower(p, k):
    if k <= 0:
        return np.sin(p)
    return 0.5 * p * tower(p - 0.3, k - 1) + 0.1


def f(x, y, u, A, n):
"""
CUTS = ["[1:]", "[:3]", "[::-1]", "[-2:]", ".reshape(2, 2)[1]", "[None, :].T[1:, 0]"]
RANGES = ["3", "2", "len(u)", "n", "0", "4, 0, -1", "1, 4", "n, -1, -1"]


class Generator:
    """Writes statements over numbers, vectors of four, matrices of three rows and views."""

    def __init__(self, rng):
        self.rng = rng
        self.lines, self.depth, self.loops, self.count = [], 0, 0, 0
        self.scalars, self.vectors, self.views = ["x", "y"], ["u"], []
        self.matrices, self.counters = ["A"], []

    def new(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def write(self, text):
        self.lines.append("    " * (self.depth + 1) + text)

    # -- expressions -----------------------------------------------------------------------------

    def scalar(self, level=0):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.35 or level > 2:
            return rng.choice(self.scalars)
        if kind < 0.42:
            return rng.choice(["0.5", "1.3", "-0.7", "2"])
        if kind < 0.45 and self.views:
            return f"{rng.choice(self.views)}[{rng.choice([0, 1, -1])}]"
        if kind < 0.5:
            return f"{rng.choice(self.vectors)}[{self.place()}]"
        if kind < 0.53:
            return f"{rng.choice(self.matrices)}[{self.row()}, {self.place()}]"
        if kind < 0.57:
            return f"np.sum({self.vector(level + 1)})"
        if kind < 0.66:
            return f"np.{rng.choice(['sin', 'tanh'])}({self.scalar(level + 1)})"
        if kind < 0.7:
            return f"({self.scalar(level + 1)} if {self.test()} else {self.scalar(level + 1)})"
        if kind < 0.73:
            return f"helper({self.scalar(level + 1)}, {self.scalar(level + 1)})"
        if kind < 0.75:
            return self.call(level)
        return f"({self.scalar(level + 1)} {rng.choice('+-*')} {self.scalar(level + 1)})"

    def call(self, level):
        rng, part = self.rng, self.scalar(level + 1)
        vector = rng.choice(self.vectors)
        return rng.choice(
            [
                f"tower({part}, {rng.choice(['n', '1', '3'])})",
                f"max({part}, {self.scalar(level + 1)})",
                f"abs({part})",
                f"np.dot({vector}, {rng.choice(self.vectors)})",
                f"np.sum({rng.choice(self.matrices)} @ {vector})",
                f"sum(e * {rng.choice(self.scalars)} for e in {vector})",
                f"pair({part}, {vector})[0]",
                f"np.mean({rng.choice(self.matrices)}[:, {self.place()}])",
            ]
        )

    def vector(self, level=0):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4 or level > 2:
            return rng.choice(self.vectors)
        if kind < 0.48:
            return f"np.cos({self.vector(level + 1)})"
        if kind < 0.56:
            return f"({self.vector(level + 1)} * {self.scalar(level + 1)})"
        if kind < 0.62:
            parts = (self.vector(level + 1) for _ in range(3))
            return "np.where({} > 0.1, {}, {})".format(*parts)
        if kind < 0.66:
            return f"{rng.choice(self.vectors)}[::-1]"
        if kind < 0.74:
            matrix = rng.choice(self.matrices)
            return rng.choice(
                [
                    f"{matrix}[{self.row()}]",
                    f"np.sum({matrix}, axis=0)",
                    f"({matrix}.T @ {matrix}[:, {self.place()}])",
                    f"np.cumsum({self.vector(level + 1)})",
                    f"np.array([e * {rng.choice(self.scalars)} for e in {rng.choice(self.vectors)}])",
                ]
            )
        return f"({self.vector(level + 1)} {rng.choice('+-*')} {self.vector(level + 1)})"

    def matrix(self):
        rng, known = self.rng, self.rng.choice(self.matrices)
        return rng.choice(
            [
                f"np.sin({known} * {self.scalar(2)})",
                f"({known} + {self.vector(2)})",
                f"np.where({known} > 0.3, {rng.choice(self.matrices)}, {self.scalar(2)})",
                f"{known}[::-1].copy()",
                f"np.outer({known}[:, {self.place()}], {self.vector(2)})",
                f"({known} - 0.5 * {rng.choice(self.matrices)})",
            ]
        )

    def place(self):
        if self.counters and self.rng.random() < 0.4:
            return f"{self.rng.choice(self.counters)} % 4"
        return self.rng.choice(["0", "1", "2", "-1"])

    def row(self):
        if self.counters and self.rng.random() < 0.4:
            return f"{self.rng.choice(self.counters)} % 3"
        return self.rng.choice(["0", "1", "-1"])

    def test(self):
        limit = self.rng.choice(["0.13", "0.77", "-0.31", "1.21"])
        first = f"{self.rng.choice(self.scalars)} {self.rng.choice('<>')} {limit}"
        if self.rng.random() < 0.12:
            joined = f"{self.rng.choice(self.scalars)} {self.rng.choice('<>')} 0.4"
            return f"{first} {self.rng.choice(['and', 'or'])} {joined}"
        return first

    # -- statements ------------------------------------------------------------------------------

    def assign(self, known, prefix, text):
        name = self.new(prefix) if self.rng.random() < 0.5 and not self.depth else ""
        name = name or self.rng.choice(known)
        self.write(f"{name} = {text}")
        if name not in known:
            known.append(name)

    def statement(self, budget):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.26:
            self.assign(self.scalars, "a", f"np.tanh({self.scalar()})")
        elif kind < 0.37:
            name = rng.choice(self.scalars)
            self.write(f"{name} {rng.choice(['+=', '-=', '*='])} np.sin({self.scalar()})")
        elif kind < 0.5:
            self.assign(self.vectors, "v", f"np.sin({self.vector()})")
        elif kind < 0.53:
            self.assign(self.matrices, "M", self.matrix())
        elif kind < 0.59:
            self.store()
        elif kind < 0.63:
            self.view()
        elif kind < 0.68 and self.loops:
            self.jump()
        elif kind < 0.7:
            self.swap()
        elif kind < 0.73:
            self.made()
        elif budget:
            self.compound(budget)
        else:
            self.write(f"{rng.choice(self.scalars)} = np.cos({self.scalar()})")

    def swap(self):
        known = self.rng.choice([self.scalars, self.vectors, self.vectors])
        if len(known) < 2:
            known = self.scalars
        a, b = self.rng.sample(known, 2)
        self.write(f"{a}, {b} = {b}, {a}")

    def made(self):
        """An array or a list that statements fill; a pair; all only outside blocks."""
        rng = self.rng
        if self.depth:
            self.write(f"{rng.choice(self.scalars)}, {rng.choice(self.vectors)} = "
                       f"pair({self.scalar(2)}, {rng.choice(self.vectors)})")  # fmt: skip
            return
        name, kind = self.new("v"), rng.randrange(4)
        if kind == 0:
            self.write(f"{name} = np.zeros(4)")
            self.vectors.append(name)
        elif kind == 1:
            self.write(f"H = np.zeros((n + 2, 4))\n    H[0] = {self.vector(2)}")
            step = f"np.sin(H[t]) * {self.scalar(2)} + 0.1 * {self.vector(2)}"
            self.write(f"for t in range(n + 1):\n        H[t + 1] = {step}")
            self.write(f"{name} = H[{rng.choice(['n', '-1', '1'])}]")
            self.vectors.append(name)
        elif kind == 2:
            self.write(f"{name} = []")
            self.write(f"for e in {rng.choice(self.vectors)}:")
            self.write(f"    {name}.append(e * {self.scalar(2)})")
            self.write(f"{name} = np.array({name})")
            self.vectors.append(name)
        else:
            scalar = self.new("a")
            self.write(f"{scalar}, {name} = pair({self.scalar(1)}, {self.vector(1)})")
            self.scalars.append(scalar)
            self.vectors.append(name)

    def compound(self, budget):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.37:
            self.write(f"if {self.test()}:")
            self.block(budget - 1)
            if rng.random() < 0.2:
                self.write(f"elif {self.test()}:")
                self.block(budget - 1)
            if rng.random() < 0.6:
                self.write("else:")
                self.block(budget - 1)
        elif kind < 0.66:
            self.counted(budget)
        elif kind < 0.83:
            self.over(budget)
        else:
            name = self.new("w")
            self.write(f"{name} = {rng.choice(self.scalars)} * 0 + 2.5")
            self.write(f"while {name} > 0.7:")
            self.write(f"    {name} = {name} - 0.8 - 0.01*{rng.choice(self.scalars)}**2")
            self.loop(budget - 1)
            self.scalars.append(name)

    def counted(self, budget):
        rng, index = self.rng, self.new("i")
        self.write(f"for {index} in range({rng.choice(RANGES)}):")
        self.counters.append(index)
        self.loop(budget - 1)
        self.counters.pop()
        self.otherwise(budget)
        if rng.random() < 0.2 and not self.depth:
            self.scalars.append(index)

    def over(self, budget):
        """A loop over an array, over two, over rows; with or without a counter."""
        rng, item, other = self.rng, self.new("e"), self.new("g")
        a, b = rng.choice(self.vectors), rng.choice(self.vectors)
        rows, index = rng.choice(self.matrices), self.new("i")
        header, numbers, views, counted = rng.choice(
            [
                (f"{item} in {a}", [item], [], False),
                (f"{item}, {other} in zip({a}, {b})", [item, other], [], False),
                (f"{index}, {item} in enumerate({a})", [item], [], True),
                (f"{item} in {rows}", [], [item], False),
                (f"{index}, {item} in enumerate({rows})", [], [item], True),
                (f"{item} in reversed({a})", [item], [], False),
                (f"{item} in ({self.scalar(2)}, {self.scalar(2)})", [item], [], False),
            ]
        )
        self.write(f"for {header}:")
        self.scalars += numbers
        self.views += views
        self.counters += [index] * counted
        self.loop(budget - 1)
        self.scalars = [n for n in self.scalars if n not in numbers]
        self.views = [n for n in self.views if n not in views]
        self.counters = self.counters[: len(self.counters) - counted]
        self.otherwise(budget)

    def otherwise(self, budget):
        if self.rng.random() < 0.15:
            self.write("else:")
            self.block(budget - 1)

    def loop(self, budget):
        """The body of a loop; sometimes it is the first to set a name that is read after it."""
        self.loops += 1
        self.block(budget)
        self.loops -= 1
        if self.rng.random() < 0.3 and not self.depth:
            name = self.new("t")
            self.lines.append(f"        {name} = np.cos({self.scalar()})")
            self.scalars.append(name)

    def jump(self):
        rng = self.rng
        self.write(f"if {self.test()}:")
        self.depth += 1
        if rng.random() < 0.5:
            self.write(f"{rng.choice(self.scalars)} = np.tanh({self.scalar()})")
        returned = f"return {self.scalar()} * {self.scalar()}"
        self.write(rng.choice(["break", "continue", returned]))
        self.depth -= 1

    def view(self):
        """A view of an array, or a write through one."""
        rng = self.rng
        if self.views and rng.random() < 0.6:
            name = rng.choice(self.views)
            forms = [
                f"{name}[0] = np.sin({self.scalar()})",
                f"{name}[1:] *= {rng.choice(self.scalars)}",
                f"{name} += 0.3 * {name}",
                f"overwrite({rng.choice(self.vectors)}, {rng.choice(self.scalars)})",
            ]
            self.write(rng.choice(forms))
            return
        taken = [rng.choice(self.vectors) + rng.choice(CUTS)]
        matrix = rng.choice(self.matrices)
        taken += [
            f"{matrix}[{self.row()}]",
            f"{matrix}[:, {self.place()}]",
            f"{matrix}.ravel()[4:8]",
        ]
        name = self.new("b") if not self.depth else (self.views and rng.choice(self.views))
        if name:
            self.write(f"{name} = {rng.choice(taken)}")
            if name not in self.views:
                self.views.append(name)
        else:
            self.write("pass")

    def store(self):
        """A write into an array: an element, a slice, a mask, the whole array; or a second name."""
        rng, name = self.rng, self.rng.choice(self.vectors)
        sign = rng.choice(["+=", "-=", "*="])
        forms = [
            f"{name}[{self.place()}] = np.sin({self.scalar()})",
            f"{name}[{self.place()}] {sign} np.tanh({self.scalar()})",
            f"{name}[1:] = np.sin({self.vector()}[:-1])",
            f"{name}[:-1] += 0.3 * {self.vector()}[1:]",
            f"{name}[{self.vector()} > 0.2] = {rng.choice(self.scalars)}",
            f"{name}[::2] *= {rng.choice(self.scalars)}",
            f"{name} {sign} np.sin({self.vector()})",
            f"{name} = {rng.choice(self.vectors)}",
            f"{name} = {rng.choice(self.vectors)}.copy()",
            f"overwrite({name}, {rng.choice(self.scalars)})",
            f"{name}[[0, 2, 0]] = np.sin({self.vector()}[1:])",
            f"{name}[[1, 1]] {sign} {rng.choice(self.scalars)}",
            f"np.add.at({name}, [0, 3, 0], np.tanh({self.scalar()}))",
        ]
        self.write(rng.choice(forms + self.rows()))

    def rows(self):
        """Writes into a matrix."""
        rng, name, row = self.rng, self.rng.choice(self.matrices), self.row()
        sign = rng.choice(["+=", "-=", "*="])
        return [
            f"{name}[{row}] = np.sin({self.vector(1)})",
            f"{name}[{row}, {self.place()}] {sign} np.tanh({self.scalar(1)})",
            f"{name}[{row}, :] {sign} {self.scalar(2)} * {name}[{self.row()}, :]",
            f"{name}[:, {self.place()}] = {name}[:, 0] * {rng.choice(self.scalars)}",
            f"{name}[{name} > 0.4] *= {rng.choice(self.scalars)}",
            f"{name}[1:] -= 0.3 * {name}[:-1]",
            f"overwrite({name}[{row}], {rng.choice(self.scalars)})",
            f"{name}.T[1] = {name}[:, 2] * {self.scalar(2)}",
            f"{name}[[0, 2]] = {name}[[2, 0]]",
        ]

    def block(self, budget):
        self.depth += 1
        kept = [list(k) for k in (self.scalars, self.vectors, self.views, self.matrices)]
        for _ in range(self.rng.randint(1, 3)):
            self.statement(budget)
        self.scalars = [v for v in self.scalars if v in kept[0]]
        self.vectors = [v for v in self.vectors if v in kept[1]]
        self.views = [v for v in self.views if v in kept[2]]
        self.matrices = [v for v in self.matrices if v in kept[3]]
        self.depth -= 1


def program(rng):
    """The source text of a module with the function `f` and its helpers."""
    generator = Generator(rng)
    for _ in range(rng.randint(2, 6)):
        generator.statement(2)
    last = f"{generator.scalar()} + {rng.choice(generator.scalars)} * np.sum("
    last += f"{generator.vectors[-1]}) + np.sum({generator.matrices[-1]}) * 0.3"
    return "\n".join([HELPERS.rstrip(), *generator.lines, f"    return {last}", ""])
