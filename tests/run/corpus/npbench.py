"""Programs of npbench: stencils, particles, networks, sparse matrices, transforms."""

import numpy as np

rng = np.random.default_rng(8)


def mat(*shape):
    return rng.normal(size=shape)


EXAMPLES = []


def hdiff(in_field, out_field, coeff):
    I, J, K = out_field.shape[0], out_field.shape[1], out_field.shape[2]
    lap_field = 4.0 * in_field[1 : I + 3, 1 : J + 3, :] - (
        in_field[2 : I + 4, 1 : J + 3, :]
        + in_field[0 : I + 2, 1 : J + 3, :]
        + in_field[1 : I + 3, 2 : J + 4, :]
        + in_field[1 : I + 3, 0 : J + 2, :]
    )
    res = lap_field[1:, 1 : J + 1, :] - lap_field[:-1, 1 : J + 1, :]
    flx_field = np.where(
        (res * (in_field[2 : I + 3, 2 : J + 2, :] - in_field[1 : I + 2, 2 : J + 2, :])) > 0,
        0,
        res,
    )
    res = lap_field[1 : I + 1, 1:, :] - lap_field[1 : I + 1, :-1, :]
    fly_field = np.where(
        (res * (in_field[2 : I + 2, 2 : J + 3, :] - in_field[2 : I + 2, 1 : J + 2, :])) > 0,
        0,
        res,
    )
    out_field[:, :, :] = in_field[2 : I + 2, 2 : J + 2, :] - coeff[:, :, :] * (
        flx_field[1:, :, :] - flx_field[:-1, :, :] + fly_field[:, 1:, :] - fly_field[:, :-1, :]
    )
    return np.sum(out_field**2)


EXAMPLES += [(hdiff, (mat(7, 6, 2), mat(3, 2, 2), mat(3, 2, 2)))]

BET_M = 0.5
BET_P = 0.5


def vadv(utens_stage, u_stage, wcon, u_pos, utens, dtr_stage):
    I, J, K = utens_stage.shape[0], utens_stage.shape[1], utens_stage.shape[2]
    ccol = np.ndarray((I, J, K), dtype=utens_stage.dtype)
    dcol = np.ndarray((I, J, K), dtype=utens_stage.dtype)
    data_col = np.ndarray((I, J), dtype=utens_stage.dtype)
    for k in range(1):
        gcv = 0.25 * (wcon[1:, :, k + 1] + wcon[:-1, :, k + 1])
        cs = gcv * BET_M
        ccol[:, :, k] = gcv * BET_P
        bcol = dtr_stage - ccol[:, :, k]
        correction_term = -cs * (u_stage[:, :, k + 1] - u_stage[:, :, k])
        dcol[:, :, k] = (
            dtr_stage * u_pos[:, :, k] + utens[:, :, k] + utens_stage[:, :, k] + correction_term
        )
        divided = 1.0 / bcol
        ccol[:, :, k] = ccol[:, :, k] * divided
        dcol[:, :, k] = dcol[:, :, k] * divided
    for k in range(1, K - 1):
        gav = -0.25 * (wcon[1:, :, k] + wcon[:-1, :, k])
        gcv = 0.25 * (wcon[1:, :, k + 1] + wcon[:-1, :, k + 1])
        as_ = gav * BET_M
        cs = gcv * BET_M
        acol = gav * BET_P
        ccol[:, :, k] = gcv * BET_P
        bcol = dtr_stage - acol - ccol[:, :, k]
        correction_term = -as_ * (u_stage[:, :, k - 1] - u_stage[:, :, k]) - cs * (
            u_stage[:, :, k + 1] - u_stage[:, :, k]
        )
        dcol[:, :, k] = (
            dtr_stage * u_pos[:, :, k] + utens[:, :, k] + utens_stage[:, :, k] + correction_term
        )
        divided = 1.0 / (bcol - ccol[:, :, k - 1] * acol)
        ccol[:, :, k] = ccol[:, :, k] * divided
        dcol[:, :, k] = (dcol[:, :, k] - (dcol[:, :, k - 1]) * acol) * divided
    for k in range(K - 1, K):
        gav = -0.25 * (wcon[1:, :, k] + wcon[:-1, :, k])
        as_ = gav * BET_M
        acol = gav * BET_P
        bcol = dtr_stage - acol
        correction_term = -as_ * (u_stage[:, :, k - 1] - u_stage[:, :, k])
        dcol[:, :, k] = (
            dtr_stage * u_pos[:, :, k] + utens[:, :, k] + utens_stage[:, :, k] + correction_term
        )
        divided = 1.0 / (bcol - ccol[:, :, k - 1] * acol)
        dcol[:, :, k] = (dcol[:, :, k] - (dcol[:, :, k - 1]) * acol) * divided
    for k in range(K - 1, K - 2, -1):
        datacol = dcol[:, :, k]
        data_col[:] = datacol
        utens_stage[:, :, k] = dtr_stage * (datacol - u_pos[:, :, k])
    for k in range(K - 2, -1, -1):
        datacol = dcol[:, :, k] - ccol[:, :, k] * data_col[:, :]
        data_col[:] = datacol
        utens_stage[:, :, k] = dtr_stage * (datacol - u_pos[:, :, k])
    return np.sum(utens_stage**2)


EXAMPLES += [
    (vadv, (mat(2, 2, 4), mat(2, 2, 4), 0.1 * mat(3, 2, 4), mat(2, 2, 4), mat(2, 2, 4), 3.0))
]


def build_up_b(b, rho, dt, u, v, dx, dy):
    b[1:-1, 1:-1] = rho * (
        1
        / dt
        * ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx) + (v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy))
        - ((u[1:-1, 2:] - u[1:-1, 0:-2]) / (2 * dx)) ** 2
        - 2 * ((u[2:, 1:-1] - u[0:-2, 1:-1]) / (2 * dy) * (v[1:-1, 2:] - v[1:-1, 0:-2]) / (2 * dx))
        - ((v[2:, 1:-1] - v[0:-2, 1:-1]) / (2 * dy)) ** 2
    )


def pressure_poisson(nit, p, dx, dy, b):
    pn = np.empty_like(p)
    pn = p.copy()
    for q in range(nit):
        pn = p.copy()
        p[1:-1, 1:-1] = (
            (pn[1:-1, 2:] + pn[1:-1, 0:-2]) * dy**2 + (pn[2:, 1:-1] + pn[0:-2, 1:-1]) * dx**2
        ) / (2 * (dx**2 + dy**2)) - dx**2 * dy**2 / (2 * (dx**2 + dy**2)) * b[1:-1, 1:-1]
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0


def cavity_flow(nx, ny, nt, nit, u, v, dt, dx, dy, p, rho, nu):
    un = np.empty_like(u)
    vn = np.empty_like(v)
    b = np.zeros((ny, nx))
    for n in range(nt):
        un = u.copy()
        vn = v.copy()
        build_up_b(b, rho, dt, u, v, dx, dy)
        pressure_poisson(nit, p, dx, dy, b)
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (un[1:-1, 1:-1] - un[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (un[1:-1, 1:-1] - un[0:-2, 1:-1])
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + nu
            * (
                dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2])
                + dt / dy**2 * (un[2:, 1:-1] - 2 * un[1:-1, 1:-1] + un[0:-2, 1:-1])
            )
        )
        v[1:-1, 1:-1] = (
            vn[1:-1, 1:-1]
            - un[1:-1, 1:-1] * dt / dx * (vn[1:-1, 1:-1] - vn[1:-1, 0:-2])
            - vn[1:-1, 1:-1] * dt / dy * (vn[1:-1, 1:-1] - vn[0:-2, 1:-1])
            - dt / (2 * rho * dy) * (p[2:, 1:-1] - p[0:-2, 1:-1])
            + nu
            * (
                dt / dx**2 * (vn[1:-1, 2:] - 2 * vn[1:-1, 1:-1] + vn[1:-1, 0:-2])
                + dt / dy**2 * (vn[2:, 1:-1] - 2 * vn[1:-1, 1:-1] + vn[0:-2, 1:-1])
            )
        )
        u[0, :] = 0
        u[:, 0] = 0
        u[:, -1] = 0
        u[-1, :] = 1
        v[0, :] = 0
        v[-1, :] = 0
        v[:, 0] = 0
        v[:, -1] = 0
    return np.sum(u**2) + np.sum(v**2) + np.sum(p**2)


EXAMPLES += [
    (
        cavity_flow,
        (5, 4, 2, 2, 0.1 * mat(4, 5), 0.1 * mat(4, 5), 0.01, 0.5, 0.7, 0.1 * mat(4, 5), 1.1, 0.1),
    )
]


def channel_step(nit, u, v, dt, dx, dy, p, rho, nu, F):
    udiff = 1
    stepcount = 0
    while udiff > 0.3:
        un = u.copy()
        vn = v.copy()
        pn = p.copy()
        for _ in range(nit):
            pn = p.copy()
            p[1:-1, 1:-1] = ((pn[1:-1, 2:] + pn[1:-1, 0:-2]) + (pn[2:, 1:-1] + pn[0:-2, 1:-1])) / 4
            p[1:-1, -1] = (pn[1:-1, 0] + pn[1:-1, -2]) / 2
            p[-1, :] = p[-2, :]
            p[0, :] = p[1, :]
        u[1:-1, 1:-1] = (
            un[1:-1, 1:-1]
            - dt / (2 * rho * dx) * (p[1:-1, 2:] - p[1:-1, 0:-2])
            + nu * (dt / dx**2 * (un[1:-1, 2:] - 2 * un[1:-1, 1:-1] + un[1:-1, 0:-2]))
            + F * dt
        )
        v[1:-1, 1:-1] = vn[1:-1, 1:-1] - un[1:-1, 1:-1] * dt / dx * (
            vn[1:-1, 1:-1] - vn[1:-1, 0:-2]
        )
        u[1:-1, -1] = un[1:-1, -1] + nu * dt * (un[1:-1, 0] - un[1:-1, -2])
        u[0, :] = 0
        u[-1, :] = 0
        v[0, :] = 0
        v[-1, :] = 0
        udiff = (np.sum(u) - np.sum(un)) / np.sum(u)
        stepcount += 1
    return np.sum(u**2) * stepcount + np.sum(v**2) + np.sum(p)


EXAMPLES += [
    (
        channel_step,
        (
            2,
            0.1 * np.abs(mat(4, 5)),
            0.1 * mat(4, 5),
            0.01,
            0.5,
            0.7,
            0.1 * mat(4, 5),
            1.1,
            0.1,
            5.0,
        ),
    )
]


def getAcc(pos, mass, G, softening):
    x = pos[:, 0:1]
    y = pos[:, 1:2]
    z = pos[:, 2:3]
    dx = x.T - x
    dy = y.T - y
    dz = z.T - z
    inv_r3 = dx**2 + dy**2 + dz**2 + softening**2
    I = inv_r3 > 0
    inv_r3[I] = inv_r3[I] ** (-1.5)
    ax = G * (dx * inv_r3) @ mass
    ay = G * (dy * inv_r3) @ mass
    az = G * (dz * inv_r3) @ mass
    a = np.hstack((ax, ay, az))
    return a


def getEnergy(pos, vel, mass, G):
    KE = 0.5 * np.sum(mass * vel**2)
    x = pos[:, 0:1]
    y = pos[:, 1:2]
    z = pos[:, 2:3]
    dx = x.T - x
    dy = y.T - y
    dz = z.T - z
    inv_r = np.sqrt(dx**2 + dy**2 + dz**2)
    I = inv_r > 0
    inv_r[I] = 1.0 / inv_r[I]
    PE = G * np.sum(np.sum(np.triu(-(mass * mass.T) * inv_r, 1)))
    return KE, PE


def nbody(mass, pos, vel, Nt, dt, G, softening):
    vel -= np.mean(mass * vel, axis=0) / np.mean(mass)
    acc = getAcc(pos, mass, G, softening)
    KE = np.ndarray(Nt + 1, dtype=np.float64)
    PE = np.ndarray(Nt + 1, dtype=np.float64)
    KE[0], PE[0] = getEnergy(pos, vel, mass, G)
    t = 0.0
    for i in range(Nt):
        vel += acc * dt / 2.0
        pos += vel * dt
        acc[:] = getAcc(pos, mass, G, softening)
        vel += acc * dt / 2.0
        t += dt
        KE[i + 1], PE[i + 1] = getEnergy(pos, vel, mass, G)
    return np.sum(KE) + np.sum(PE**2)


EXAMPLES += [(nbody, (np.abs(mat(3, 1)) + 0.5, mat(3, 3), mat(3, 3), 2, 0.1, 1.0, 0.1))]


def spmv(A_row, A_col, A_val, x):
    y = np.empty(A_row.size - 1, A_val.dtype)
    for i in range(A_row.size - 1):
        cols = A_col[A_row[i] : A_row[i + 1]]
        vals = A_val[A_row[i] : A_row[i + 1]]
        y[i] = vals @ x[cols]
    return np.sum(y**2)


EXAMPLES += [(spmv, (np.array([0, 2, 3, 5]), np.array([0, 2, 1, 0, 2]), mat(5), mat(3)))]


def azimint_naive(data, radius, npt):
    rmax = radius.max()
    res = np.zeros(npt, dtype=np.float64)
    for i in range(npt):
        r1 = rmax * i / npt
        r2 = rmax * (i + 1) / npt
        mask_r12 = np.logical_and((r1 <= radius), (radius < r2))
        values_r12 = data[mask_r12]
        res[i] = values_r12.mean()
    return np.sum(res**2)


EXAMPLES += [(azimint_naive, (mat(12), np.linspace(0.05, 1, 12), 3), {}, (0,))]


def relu(x):
    return np.maximum(x, 0)


def softmax(x):
    tmp_max = np.max(x, axis=-1, keepdims=True)
    tmp_out = np.exp(x - tmp_max)
    tmp_sum = np.sum(tmp_out, axis=-1, keepdims=True)
    return tmp_out / tmp_sum


def softmax_loss(x):
    return np.sum(softmax(x) ** 2)


EXAMPLES += [(softmax_loss, (mat(2, 2, 3, 3),))]


def mlp(input, w1, b1, w2, b2, w3, b3):
    x = relu(input @ w1 + b1)
    x = relu(x @ w2 + b2)
    x = softmax(x @ w3 + b3)
    return np.sum(np.log(x))


EXAMPLES += [(mlp, (mat(2, 3), mat(3, 4), mat(4), mat(4, 3), mat(3), mat(3, 2), mat(2)))]


def conv2d(input, weights):
    K = weights.shape[0]
    N = input.shape[0]
    H_out = input.shape[1] - K + 1
    W_out = input.shape[2] - K + 1
    C_out = weights.shape[3]
    output = np.empty((N, H_out, W_out, C_out), dtype=input.dtype)
    for i in range(H_out):
        for j in range(W_out):
            output[:, i, j, :] = np.sum(
                input[:, i : i + K, j : j + K, :, np.newaxis] * weights[np.newaxis, :, :, :],
                axis=(1, 2, 3),
            )
    return output


def conv2d_bias(input, weights, bias):
    return np.sum((conv2d(input, weights) + bias) ** 2)


EXAMPLES += [(conv2d_bias, (mat(2, 4, 4, 2), mat(2, 2, 2, 3), mat(3)))]


def maxpool2d(x):
    output = np.empty([x.shape[0], x.shape[1] // 2, x.shape[2] // 2, x.shape[3]], dtype=x.dtype)
    for i in range(x.shape[1] // 2):
        for j in range(x.shape[2] // 2):
            output[:, i, j, :] = np.max(x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :], axis=(1, 2))
    return output


def lenet5(input, conv1, conv1bias, fc1w, fc1b, N, C_before_fc1):
    x = relu(conv2d(input, conv1) + conv1bias)
    x = maxpool2d(x)
    x = np.reshape(x, (N, C_before_fc1))
    x = relu(x @ fc1w + fc1b)
    return np.sum(x**2)


EXAMPLES += [(lenet5, (mat(2, 5, 5, 1), mat(2, 2, 1, 2), mat(2), mat(8, 3), mat(3), 2, 8))]


def batchnorm2d(x, eps=1e-5):
    mean = np.mean(x, axis=0, keepdims=True)
    std = np.std(x, axis=0, keepdims=True)
    return (x - mean) / np.sqrt(std + eps)


def resnet_basicblock(input, conv1, conv2, conv3):
    padded = np.zeros((input.shape[0], input.shape[1] + 2, input.shape[2] + 2, conv1.shape[3]))
    padded[:, 1:-1, 1:-1, :] = conv2d(input, conv1)
    x = batchnorm2d(padded)
    x = relu(x)
    x = conv2d(x, conv2)
    x = batchnorm2d(x)
    x = relu(x)
    x = conv2d(x, conv3)
    x = batchnorm2d(x)
    return np.sum(relu(x + input) ** 2)


EXAMPLES += [
    (resnet_basicblock, (mat(3, 3, 3, 2), mat(1, 1, 2, 2), mat(3, 3, 2, 2), mat(1, 1, 2, 2)))
]


def go_fast(a):
    trace = 0.0
    for i in range(a.shape[0]):
        trace += np.tanh(a[i, i])
    return np.sum(a + trace)


EXAMPLES += [(go_fast, (mat(3, 3),))]


def arc_distance(theta_1, phi_1, theta_2, phi_2):
    temp = (
        np.sin((theta_2 - theta_1) / 2) ** 2
        + np.cos(theta_1) * np.cos(theta_2) * np.sin((phi_2 - phi_1) / 2) ** 2
    )
    distance_matrix = 2 * (np.arctan2(np.sqrt(temp), np.sqrt(1 - temp)))
    return np.sum(distance_matrix)


EXAMPLES += [(arc_distance, (mat(4), mat(4), mat(4), mat(4)))]


def compute(array_1, array_2, a, b, c):
    return np.sum(np.clip(array_1, 2, 10) * a + array_2 * b + c)


EXAMPLES += [(compute, (5 * mat(3, 3), mat(3, 3), 4.0, 3.0, 9.0))]


def crc16(data, weights, poly=0x8408):
    crc = 0xFFFF
    total = 0.0
    for k, b in enumerate(data):
        cur_byte = 0xFF & b
        for _ in range(0, 8):
            if (crc & 0x0001) ^ (cur_byte & 0x0001):
                crc = (crc >> 1) ^ poly
            else:
                crc >>= 1
            cur_byte >>= 1
        total += weights[k] * (crc % 17)
    crc = ~crc & 0xFFFF
    crc = (crc << 8) | ((crc >> 8) & 0xFF)
    return total + 0.001 * (crc & 0xFFFF) * weights[0]


EXAMPLES += [(crc16, (np.array([3, 250, 17]), mat(3)))]


def mandelbrot_like(xmin, xmax, xn, maxiter, horizon=2.0):
    X = np.linspace(xmin, xmax, xn)
    N = np.zeros(X.shape, dtype=np.int64)
    Z = np.zeros(X.shape)
    for n in range(maxiter):
        I = np.less(abs(Z), horizon)
        N[I] = n
        Z[I] = Z[I] ** 2 + X[I]
    N[N == maxiter - 1] = 0
    return np.sum(Z * N)


EXAMPLES += [(mandelbrot_like, (-1.7, 0.6, 7, 4))]


def stockham_fft_real(N, R, K, x_re, x_im):
    # the same steps with real and imaginary parts apart
    y_re = np.zeros_like(x_re)
    y_im = np.zeros_like(x_im)
    y_re[:] = x_re[:]
    y_im[:] = x_im[:]
    for i in range(K):
        yv_re = np.reshape(y_re, (R**i, R, R ** (K - i - 1)))
        yv_im = np.reshape(y_im, (R**i, R, R ** (K - i - 1)))
        tmp_re = np.transpose(yv_re, axes=(1, 0, 2))
        tmp_im = np.transpose(yv_im, axes=(1, 0, 2))
        angle = (
            -2
            * np.pi
            * np.arange(R).reshape(R, 1)
            * np.arange(R**i).reshape(1, R**i)
            / R ** (i + 1)
        )
        c = np.cos(angle).reshape(R, R**i, 1)
        s = np.sin(angle).reshape(R, R**i, 1)
        z_re = c * tmp_re - s * tmp_im
        z_im = c * tmp_im + s * tmp_re
        sums_re = np.zeros_like(z_re)
        sums_im = np.zeros_like(z_im)
        for r in range(R):
            for q in range(R):
                w = -2 * np.pi * r * q / R
                sums_re[r] += np.cos(w) * z_re[q] - np.sin(w) * z_im[q]
                sums_im[r] += np.cos(w) * z_im[q] + np.sin(w) * z_re[q]
        y_re[:] = np.reshape(sums_re, N)
        y_im[:] = np.reshape(sums_im, N)
    return np.sum(y_re**3) + np.sum(y_im**2 * y_re)


EXAMPLES += [(stockham_fft_real, (8, 2, 3, mat(8), mat(8)))]


def contour_sum(NR, NM, slab_per_bc, Ham, int_pts, Y):
    P0 = np.zeros((NR, NM))
    P1 = np.zeros((NR, NM))
    for z in int_pts:
        Tz = np.zeros((NR, NR))
        for n in range(slab_per_bc + 1):
            zz = np.power(z, slab_per_bc / 2 - n)
            Tz += zz * Ham[n]
        if NR == NM:
            X = np.linalg.inv(Tz)
        else:
            X = np.linalg.solve(Tz, Y)
        if abs(z) < 1.0:
            X[:] = -X
        P0 += X
        P1 += z * X
    return np.sum(P0**2) + np.sum(P1)


EXAMPLES += [
    (contour_sum, (3, 2, 2, mat(3, 3, 3) + 2 * np.eye(3), np.array([0.5, 1.5]), mat(3, 2)))
]


def clipping_mean(vector, clip, axis=0):
    out = np.zeros(vector.shape[1:])
    n = vector.shape[axis]
    for i in range(n):
        out += np.where(np.abs(vector[i]) > clip, np.sign(vector[i]) * clip, vector[i])
    out /= n
    return np.sum(out**2)


EXAMPLES += [(clipping_mean, (mat(4, 3), 0.7))]
