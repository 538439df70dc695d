"""Index arrays: where something holds, where it belongs, triangles, groups of equal labels."""

import numpy as np

EXAMPLES = []

v = np.array([0.5, 1.3, -0.7, 2.1, 0.9])


A = np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0], [2.0, 0.1, 3.0]])


def where1(x):
    idx = np.where(x > 0)[0]
    return np.sum(x[idx] ** 2)


EXAMPLES += [(where1, (v,))]


def where2(a):
    i, j = np.where(a > 0)
    return np.sum(a[i, j] ** 2 * i)


EXAMPLES += [(where2, (A,))]


def where3(x):
    (idx,) = np.where(x > 0)
    return np.sum(x[idx] * np.arange(len(idx)))


EXAMPLES += [(where3, (v,))]


def nonz(x):
    i = np.nonzero(x > 0)[0]
    return np.sum(x[i]) + len(i) * x[0]


EXAMPLES += [(nonz, (v,))]


def nonzm(x):
    (i,) = (x > 0).nonzero()
    return np.sum(x[i])


EXAMPLES += [(nonzm, (v,))]


def flatn(x):
    i = np.flatnonzero(x > 0)
    return x[i[0]] * x[i[-1]] + i.size


EXAMPLES += [(flatn, (v,))]


def argw(a):
    s = 0.0
    for i, j in np.argwhere(a > 0.7):
        s += a[i, j] * (i + 1)
    return s


EXAMPLES += [(argw, (A,))]


def dig(x):
    b = np.digitize(x, np.array([0.0, 1.0, 2.0]))
    w = np.array([1.0, 2.0, 3.0, 4.0])
    return np.sum(w[b] * x)


EXAMPLES += [(dig, (v,))]


def ss(x):
    grid = np.array([0.0, 1.0, 2.0])
    k = np.searchsorted(grid, x)
    return np.sum(k * x)


EXAMPLES += [(ss, (v,))]


def isin(x):
    m = np.isin(np.arange(5), [0, 3])
    return np.sum(x[m])


EXAMPLES += [(isin, (v,))]


def diagi(a):
    i = np.diag_indices(3)
    b = a.copy()
    b[i] = 0.0
    return np.sum(b**2) + np.sum(a[i])


EXAMPLES += [(diagi, (A,))]


def diagi2(a):
    n = a.shape[0]
    return np.sum(a[np.diag_indices(n)] ** 2) + np.sum(a[np.diag_indices_from(a)])


EXAMPLES += [(diagi2, (A,))]


def triu(a):
    iu = np.triu_indices(3, k=1)
    il = np.tril_indices(a.shape[0], -1)
    return np.sum(a[iu] ** 2) + np.sum(a[il])


EXAMPLES += [(triu, (A,))]


def triu_from(a):
    return np.sum(a[np.triu_indices_from(a, 1)] ** 2)


EXAMPLES += [(triu_from, (A,))]


def fill_tri(x, n):
    L = np.zeros((n, n))
    L[np.tril_indices(n, -1)] = x[:3]
    L[np.diag_indices(n)] = np.exp(x[1:4])
    return np.sum(L @ L.T)


EXAMPLES += [(fill_tri, (v, 3))]


def ix(a):
    return np.sum(a[np.ix_([0, 2], [1, 2])] ** 2)


EXAMPLES += [(ix, (A,))]


def unrav(a):
    i, j = np.unravel_index(np.argmax(a), a.shape)
    return a[i, j] ** 2


EXAMPLES += [(unrav, (A,))]


def unrav2(a):
    k = np.unravel_index(np.argmax(a), a.shape)
    return a[k] ** 2


EXAMPLES += [(unrav2, (A,))]


def rav(a):
    k = np.ravel_multi_index((1, 2), a.shape)
    return a.ravel()[k] ** 2


EXAMPLES += [(rav, (A,))]


def lexs(x):
    o = np.lexsort((x, np.array([1, 0, 1, 0, 1])))
    return np.sum(x[o] * np.arange(5))


EXAMPLES += [(lexs, (v,))]


def argpart(x):
    k = np.argpartition(x, 2)[:2]
    return np.sum(x[k])


EXAMPLES += [(argpart, (v,))]


def argso(x):
    o = np.argsort(x)[::-1]
    return np.sum(x[o] * np.arange(5))


EXAMPLES += [(argso, (v,))]


def uniq(x):
    lab = np.array([0, 1, 0, 2, 1])
    u, inv, cnt = np.unique(lab, return_inverse=True, return_counts=True)
    s = np.zeros(len(u))
    np.add.at(s, inv, x)
    return np.sum((s / cnt) ** 2)


EXAMPLES += [(uniq, (v,))]


def uniq2(x, lab):
    t = 0.0
    for c in np.unique(lab):
        m = x[lab == c]
        t += np.mean(m) ** 2
    return t


EXAMPLES += [(uniq2, (v, np.array([0, 1, 0, 2, 1])))]


def groups(x, lab):
    return sum((np.var(x[lab == c]) for c in np.unique(lab)))


EXAMPLES += [(groups, (v, np.array([0, 1, 0, 2, 1])))]


def mask_any(x):
    mask = x > 1
    return np.sum(x[mask]) if mask.any() else 0.0


EXAMPLES += [(mask_any, (v,))]


def mask_loop(x):
    s = 0.0
    for c in (0.0, 1.0):
        m = x > c
        if np.any(m):
            s += np.mean(x[m])
    return s


EXAMPLES += [(mask_loop, (v,))]


def bincount(x):
    return np.sum(np.bincount(np.array([0, 1, 1, 2, 0]), weights=x) ** 2)


EXAMPLES += [(bincount, (v,))]


def cnt(x):
    return x[0] * np.count_nonzero(x > 0) + np.sum(x > 1) * x[1]


EXAMPLES += [(cnt, (v,))]


def maximum_reduce(x):
    return np.maximum.reduce(x) + np.add.reduce(x)


EXAMPLES += [(maximum_reduce, (v,))]


def indices_arr(x):
    i = np.arange(5)
    i = i[i % 2 == 0]
    return np.sum(x[i] ** 2)


EXAMPLES += [(indices_arr, (v,))]


def roll_idx(x):
    n = len(x)
    right = np.arange(n) + 1
    right[-1] = 0
    return np.sum((x - x[right]) ** 2)


EXAMPLES += [(roll_idx, (v,))]


def int_arrays(x):
    perm = np.zeros(5, dtype=int)
    for k in range(5):
        perm[k] = k * 2 % 5
    return np.sum(x[perm] * np.arange(5))


EXAMPLES += [(int_arrays, (v,))]


def argmax_axis(a):
    k = np.argmax(a, axis=1)
    return np.sum(a[np.arange(3), k] ** 2)


EXAMPLES += [(argmax_axis, (A,))]


def onehot(a, y):
    p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
    oh = np.eye(3)[y]
    return -np.sum(oh * np.log(p)) - np.mean(np.log(p[np.arange(len(y)), y]))


EXAMPLES += [(onehot, (A, np.array([0, 2, 1])))]


def mesh(a):
    i, j = np.indices(a.shape)
    x, y = np.meshgrid(np.arange(3), np.arange(3))
    return np.sum(a * (i + 2 * j)) + np.sum(a * x * y)


EXAMPLES += [(mesh, (A,))]


def kmeans(x):
    c = np.array([x[2], x[3]])
    for _ in range(3):
        d = (x[:, None] - c[None, :]) ** 2
        lab = np.argmin(d, axis=1)
        c = np.array([x[lab == k].mean() for k in range(2)])
    return np.sum(c**2)


EXAMPLES += [(kmeans, (v,))]


def kmeans2(x):
    c = np.array([x[2], x[3]])
    for _ in range(3):
        lab = np.argmin((x[:, None] - c[None, :]) ** 2, axis=1)
        new = np.zeros(2)
        for k in range(2):
            members = x[lab == k]
            if len(members) > 0:
                new[k] = members.mean()
            else:
                new[k] = c[k]
        c = new
    return np.sum(c**2)


EXAMPLES += [(kmeans2, (v,))]
