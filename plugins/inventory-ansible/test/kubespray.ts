import type { Tree } from './support.ts'

/** The shape of kubespray's sample inventory, as INI. */
export const KUBESPRAY_INI: Tree = {
  'inventory.ini': `# ## Configure 'ip' variable to bind kubernetes services on a different ip than the default iface
[all]
node1 ansible_host=95.54.0.12  # ip=10.3.0.1 etcd_member_name=etcd1
node2 ansible_host=95.54.0.13 ansible_port=2222
node3 ansible_host=95.54.0.14

# ## configure a bastion host if your nodes are not directly reachable
# [bastion]
# bastion ansible_host=x.x.x.x ansible_user=some_user

[kube_control_plane]
node1

[etcd:children]
kube_control_plane

[kube_node]
node2
node[3:3]

[calico_rr]

[k8s_cluster:children]
kube_control_plane
kube_node
calico_rr

[k8s_cluster:vars]
ansible_user=ubuntu
`,
  'group_vars/all/all.yml': `---
## Directory where the binaries will be installed
bin_dir: /usr/local/bin
loadbalancer_apiserver_localhost: true
ntp_servers:
  - "0.pool.ntp.org iburst"
no_proxy_exclude_workers: false
upstream_dns_servers: ["{{ nameserver | default('8.8.8.8') }}"]
`,
  'group_vars/all/offline.yml': '---\n## everything commented\n# registry_host: "myprivateregisry.com"\n',
  'group_vars/k8s_cluster/k8s-cluster.yml': 'kube_version: v1.33.1\nansible_become: true\n',
  'group_vars/etcd.yml': 'pkgcache_labels: {disk: ssd}\n',
  'host_vars/node3.yml': 'pkgcache_arch: arm64\n',
}

/** The same cluster in YAML. */
export const KUBESPRAY_YAML: Tree = {
  'hosts.yml': `all:
  hosts:
    node1:
      ansible_host: 95.54.0.12
    node2: {ansible_host: 95.54.0.13, ansible_port: 2222}
    node3:
      ansible_host: 95.54.0.14
  children:
    kube_control_plane:
      hosts:
        node1:
    kube_node:
      hosts:
        node[2:3]:
    etcd:
      children:
        kube_control_plane:
    k8s_cluster:
      vars:
        ansible_user: ubuntu
      children:
        kube_control_plane:
        kube_node:
        calico_rr:
    calico_rr:
      hosts: {}
`,
  ...Object.fromEntries(Object.entries(KUBESPRAY_INI).filter(([path]) => path !== 'inventory.ini')),
}
